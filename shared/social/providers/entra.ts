import type { ProviderSettings } from "./provider-settings.ts";
import { isTrue, text, type JsonObject } from "../protocol/json.ts";
import { createOpenIdProvider } from "./open-id.ts";
import type { Provider } from "../provider.ts";

/** The directory in which all personal Microsoft accounts are. */
const personalAccounts = "9188040d-6c67-4c5b-b112-36a304b66dad";

/** Microsoft Entra ID, one directory of it. */
export function createEntra({ issuer, tenantId, ...settings }: ProviderSettings): Provider {
  return createOpenIdProvider({
    ...settings,
    displayName: "Microsoft",
    issuer: issuer ?? `https://login.microsoftonline.com/${tenantId}/v2.0`,
    isEmailVerified: (claims) => isDomainVerified(claims) && isOfDirectory(claims),
  });
}

/**
 * Anybody who administers a directory can write any address into it; only the optional claim `xms_edov` says that the
 * domain is one that the directory has shown to be its own
 * (https://learn.microsoft.com/entra/identity-platform/optional-claims-reference).
 */
function isDomainVerified({ xms_edov: edov }: JsonObject): boolean {
  return isTrue(edov) || edov === 1 || edov === "1";
}

/**
 * Whether a directory vouches for the person, this one or a guest's own. The claim above is also true of guests with a
 * personal account of Microsoft or Google, whose address was looked at when they signed up. `idp` names who has signed a
 * guest in (https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference).
 */
function isOfDirectory({ iss, idp = iss }: JsonObject): boolean {
  const name = text(idp) ?? "";
  return (idp === iss || name.startsWith("https://")) && !name.includes(personalAccounts);
}
