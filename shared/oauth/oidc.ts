import type { ProviderSettings } from "../platform/provider-settings.ts";
import { createOpenIdProvider } from "./open-id.ts";
import type { Provider } from "./provider.ts";

/** Any issuer of OpenID Connect. What it says of an address counts only where the operator trusts it. */
export function createOidc({ issuer = "", trustsEmail, ...settings }: ProviderSettings): Provider {
  return createOpenIdProvider({
    ...settings,
    displayName: titleOf(settings.name),
    issuer,
    isEmailVerified: (claims) => trustsEmail && claims["email_verified"] === true,
  });
}

/** `acme_corp` as people read it: `Acme Corp`. */
function titleOf(name: string): string {
  return name
    .split("_")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(" ");
}
