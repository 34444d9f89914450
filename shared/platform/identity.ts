import type { TokenCredential } from "@azure/identity";

/** The identity that the service runs as. */
export interface Identity {
  /** The client id of a user-assigned identity; undefined for the system-assigned one. */
  readonly clientId: string | undefined;
  /** Whether the platform offers managed identities; elsewhere a developer's own sign-in is used. */
  readonly isInAzure: boolean;
}

/** A credential that gets tokens for this identity. */
export async function credentialOf({ clientId, isInAzure }: Identity): Promise<TokenCredential> {
  const { DefaultAzureCredential, ManagedIdentityCredential } = await import("@azure/identity");
  if (!isInAzure)
    return new DefaultAzureCredential(clientId === undefined ? {} : { managedIdentityClientId: clientId });
  return clientId === undefined ? new ManagedIdentityCredential() : new ManagedIdentityCredential({ clientId });
}
