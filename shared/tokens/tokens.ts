import { createSeal } from "../platform/crypto/seal.ts";
import type { Queries } from "../platform/database/database.ts";
import type { Identity } from "../platform/identity.ts";
import type { Service } from "../platform/service/settings.ts";
import { createAccessTokens, type AccessTokens } from "./access-tokens.ts";
import { createDatabaseKeyStore, keySealPurpose } from "./keys/database-key-store.ts";
import { createKeyRotation, type KeyRotation } from "./keys/key-rotation.ts";
import type { KeyAlgorithm, KeyStore } from "./keys/key-store.ts";
import { createDocumentSigner, createDocumentVerifier, type SignDocument, type VerifyDocument } from "./documents.ts";
import { createServerMetadata, type ServerMetadata } from "./server-metadata.ts";
import type { TokenSettings } from "./settings.ts";
import { createSigningKeyQueries } from "./keys/signing-key-queries.ts";
import { createSharedKey, createSigningKeys, type SigningKeys } from "./keys/signing-keys.ts";
import { createStatusTokens, type StatusTokens } from "./status/status-tokens.ts";
import { openVaultKey } from "./keys/vault.ts";
import { createVaultKeyStore } from "./keys/vault-key-store.ts";

/** Access tokens, the keys that sign them, and the documents that others verify them by. */
export interface Tokens {
  readonly access: AccessTokens;
  readonly keys: SigningKeys;
  /** Undefined with `ALGORITHM=HS256`, which has no keys of its own. */
  readonly rotation: KeyRotation | undefined;
  /** Signs the lists of ended tokens. Undefined with `ALGORITHM=HS256`: no gateway could verify them. */
  readonly status: StatusTokens | undefined;
  readonly metadata: ServerMetadata;
  /** Signs what must be verifiable for years. */
  readonly signDocument: SignDocument;
  readonly verifyDocument: VerifyDocument;
}

/** What tokens depend on besides their own settings. */
export interface TokenSurroundings {
  readonly service: Service;
  /** The identity that uses the key vault. */
  readonly identity: Identity;
  /** Where the keys are, without a vault. */
  readonly queries: Queries;
}

/** Reads and opens nothing until the first token. */
export function createTokens(settings: TokenSettings, surroundings: TokenSurroundings): Tokens {
  const { issuer } = surroundings.service;
  const { store, keys, rotation } = createKeys(settings, surroundings);
  const statusListsUri = rotation && `${issuer}/.well-known/token-status`;
  return {
    access: createAccessTokens(keys, { ...settings, issuer, statusListsUri }),
    keys,
    rotation,
    status: statusListsUri === undefined ? undefined : createStatusTokens(keys, { issuer, uri: statusListsUri }),
    metadata: createServerMetadata({ issuer, algorithm: settings.algorithm }),
    signDocument: createDocumentSigner(keys, surroundings.service.secretKey),
    verifyDocument: createDocumentVerifier(store, surroundings.service),
  };
}

function createKeys(
  { algorithm, ttlSeconds: tokenSeconds, rotationSeconds, vaultKeyId }: TokenSettings,
  surroundings: TokenSurroundings,
): { readonly store: KeyStore; readonly keys: SigningKeys; readonly rotation: KeyRotation | undefined } {
  if (algorithm === "HS256") {
    const store = inDatabase(surroundings);
    const keys = createSharedKey(surroundings.service.secretKey, store, tokenSeconds);
    return { store, keys, rotation: undefined };
  }
  const store = vaultKeyId === undefined ? inDatabase(surroundings) : inVault(vaultKeyId, algorithm, surroundings);
  return {
    store,
    keys: createSigningKeys(store, { algorithm, tokenSeconds }),
    rotation: createKeyRotation(store, { algorithm, tokenSeconds, rotationSeconds }),
  };
}

function inDatabase({ service, queries }: TokenSurroundings): KeyStore {
  const seal = createSeal(keySealPurpose, service.secretKey, service.previousSecretKey);
  return createDatabaseKeyStore(createSigningKeyQueries(queries), seal);
}

function inVault(keyId: string, algorithm: KeyAlgorithm, { identity }: TokenSurroundings): KeyStore {
  return createVaultKeyStore(openVaultKey(keyId, identity), algorithm);
}
