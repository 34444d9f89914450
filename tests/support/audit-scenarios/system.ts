import type { CatalogueEntry } from "../../../shared/http/catalogue.ts";
import { readsWhatIsPublic } from "../../../shared/http/leaves-nothing.ts";
import { pathOf } from "../routes.ts";
import { withSettings } from "../service.ts";
import { plain, type Scenario, type Scenarios } from "./scenario.ts";

export const system: Scenarios = {
  "well-known-webauthn": {
    succeeds: [
      (service) => {
        withSettings(service, { RP_ORIGINS: "http://localhost:3000,https://shop.example.org" });
        return () => service.api.get("/.well-known/webauthn");
      },
    ],
    isRefused: [],
  },
  "empty-dev-mailbox": { succeeds: [plain("DELETE", "/dev/mailbox")], isRefused: [] },
  "well-known-token-status": {
    // While any list from before sharding is kept; the tests' services have none.
    succeeds: [],
    isRefused: [plain("GET", "/.well-known/token-status")],
  },
  "well-known-token-status-shard": {
    succeeds: [plain("GET", "/.well-known/token-status/0")],
    isRefused: [plain("GET", "/.well-known/token-status/999999")],
  },
};

/** What holds for whatever anyone may read: it can be read. */
export function publicScenario(entry: CatalogueEntry): Scenario | undefined {
  const isPublic = entry.recorded === readsWhatIsPublic.recorded && entry.method === "GET";
  return isPublic ? { succeeds: [plain("GET", pathOf(entry))], isRefused: [] } : undefined;
}
