import type { ProviderSettings } from "../platform/provider-settings.ts";
import { createOpenIdProvider } from "./open-id.ts";
import type { Provider } from "./provider.ts";

/** Google (https://developers.google.com/identity/openid-connect/openid-connect). */
export function createGoogle({ issuer = "https://accounts.google.com", ...settings }: ProviderSettings): Provider {
  return createOpenIdProvider({
    ...settings,
    displayName: "Google",
    issuer,
    // Its documentation allows the name without a scheme.
    issuerAliases: [issuer.replace(/^https?:\/\//, "")],
    isEmailVerified: (claims) => claims["email_verified"] === true,
  });
}
