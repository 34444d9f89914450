import type { ProviderSettings } from "./provider-settings.ts";
import { isTrue } from "../protocol/json.ts";
import { createOpenIdProvider } from "./open-id.ts";
import type { Provider } from "../provider.ts";

/**
 * Any issuer of OpenID Connect. Its `email_verified` counts only where the operator says that it is authoritative for the
 * addresses that it names, as the directory of a company is for those of its own domain.
 */
export function createOidc({ issuer = "", trustsEmail, ...settings }: ProviderSettings): Provider {
  return createOpenIdProvider({
    ...settings,
    displayName: titleOf(settings.name),
    issuer,
    isEmailVerified: (claims) => trustsEmail && isTrue(claims["email_verified"]),
  });
}

/** `acme_corp` as people read it: `Acme Corp`. */
function titleOf(name: string): string {
  return name
    .split("_")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(" ");
}
