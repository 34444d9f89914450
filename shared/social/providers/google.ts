import { domainToASCII } from "node:url";
import type { ProviderSettings } from "./provider-settings.ts";
import { isTrue, text, type JsonObject } from "../protocol/json.ts";
import { createOpenIdProvider } from "./open-id.ts";
import type { Provider } from "../provider.ts";

/** Google (https://developers.google.com/identity/openid-connect/openid-connect). */
export function createGoogle({ issuer = "https://accounts.google.com", ...settings }: ProviderSettings): Provider {
  return createOpenIdProvider({
    ...settings,
    displayName: "Google",
    issuer,
    // Google documents that the scheme may be missing.
    issuerAliases: [issuer.replace(/^https?:\/\//, "")],
    isEmailVerified: (claims) => isTrue(claims["email_verified"]) && isHosted(claims),
  });
}

/**
 * Whether Google hosts the mailbox: at gmail.com, or in the Workspace domain that `hd` names. For any other address,
 * someone once showed Google that they read its mail, but it may be someone else's by now
 * (https://developers.google.com/identity/gsi/web/guides/verify-google-id-token).
 */
function isHosted({ email, hd }: JsonObject): boolean {
  const address = text(email) ?? "";
  const domain = domainToASCII(address.slice(address.lastIndexOf("@") + 1));
  return domain !== "" && (domain === "gmail.com" || domain === domainToASCII(text(hd) ?? ""));
}
