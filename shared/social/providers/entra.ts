import type { ProviderSettings } from "./provider-settings.ts";
import { isTrue, text, type JsonObject } from "../protocol/json.ts";
import { createOpenIdProvider } from "./open-id.ts";
import type { Provider } from "../provider.ts";

/** One directory of Microsoft Entra ID. */
export function createEntra({ issuer, tenantId, ...settings }: ProviderSettings): Provider {
  return createOpenIdProvider({
    ...settings,
    displayName: "Microsoft",
    issuer: issuer ?? `https://login.microsoftonline.com/${tenantId}/v2.0`,
    isEmailVerified: (claims) => isDomainVerified(claims) && isOfDirectory(claims),
  });
}

/** The directory of all personal Microsoft accounts. */
const personalAccounts = "9188040d-6c67-4c5b-b112-36a304b66dad";

/**
 * Anyone who administers a directory can enter any address; only the optional claim `xms_edov` says that the directory
 * has proven it owns the domain (https://learn.microsoft.com/entra/identity-platform/optional-claims-reference).
 */
function isDomainVerified({ xms_edov: edov }: JsonObject): boolean {
  return isTrue(edov) || edov === 1 || edov === "1";
}

/**
 * Whether a directory vouches for the person: this one, or a guest's own. `xms_edov` is also true for guests with a
 * personal Microsoft or Google account, whose address was checked only when they signed up. `idp` says who signed a
 * guest in (https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference).
 */
function isOfDirectory({ iss, idp = iss }: JsonObject): boolean {
  const name = text(idp) ?? "";
  return (idp === iss || name.startsWith("https://")) && !name.includes(personalAccounts);
}
