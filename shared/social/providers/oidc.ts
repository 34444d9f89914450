import type { ProviderSettings } from "./provider-settings.ts";
import { isTrue } from "../protocol/json.ts";
import { createOpenIdProvider } from "./open-id.ts";
import type { Provider } from "../provider.ts";

/**
 * Any OpenID Connect issuer. Its `email_verified` counts only if the operator says that it is authoritative for the
 * addresses it names, as a company's directory is for its own domain.
 */
export function createOidc({ issuer = "", trustsEmail, ...settings }: ProviderSettings): Provider {
  return createOpenIdProvider({
    ...settings,
    displayName: titleOf(settings.name),
    issuer,
    isEmailVerified: (claims) => trustsEmail && isTrue(claims["email_verified"]),
  });
}

/** `acme_corp` becomes `Acme Corp`. */
function titleOf(name: string): string {
  return name
    .split("_")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(" ");
}
