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
    // Its documentation allows the name without a scheme.
    issuerAliases: [issuer.replace(/^https?:\/\//, "")],
    isEmailVerified: (claims) => isTrue(claims["email_verified"]) && isHosted(claims),
  });
}

/**
 * Whether Google hosts the mailbox: at gmail.com, and in the domain of a Workspace, which `hd` names. Of any other address
 * it has seen once that somebody read its mail; that may be somebody else by now
 * (https://developers.google.com/identity/gsi/web/guides/verify-google-id-token).
 */
function isHosted({ email, hd }: JsonObject): boolean {
  const address = text(email) ?? "";
  const domain = domainToASCII(address.slice(address.lastIndexOf("@") + 1));
  return domain !== "" && (domain === "gmail.com" || domain === domainToASCII(text(hd) ?? ""));
}
