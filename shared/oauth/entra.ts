import type { ProviderSettings } from "../platform/provider-settings.ts";
import { createOpenIdProvider } from "./open-id.ts";
import type { Provider } from "./provider.ts";

/**
 * Microsoft Entra ID, one directory of it. Anybody who administers a directory can write any address into it; only the
 * optional claim `xms_edov` says that the domain's owner has been verified
 * (https://learn.microsoft.com/entra/identity-platform/optional-claims-reference).
 */
export function createEntra({ issuer, tenantId, ...settings }: ProviderSettings): Provider {
  return createOpenIdProvider({
    ...settings,
    displayName: "Microsoft",
    issuer: issuer ?? `https://login.microsoftonline.com/${tenantId}/v2.0`,
    isEmailVerified: ({ xms_edov: edov }) => edov === true || edov === 1 || edov === "1" || edov === "true",
  });
}
