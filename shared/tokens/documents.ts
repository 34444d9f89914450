import { compactVerify, decodeProtectedHeader, importJWK, type CryptoKey } from "jose";
import { deriveKey } from "../platform/crypto/derive.ts";
import { signerWith } from "./keys/key-material.ts";
import type { KeyStore } from "./keys/key-store.ts";
import type { SigningKeys } from "./keys/signing-keys.ts";

/**
 * Signs a document that must be verifiable when its key has long left the key set: the header carries the public key.
 * @returns a compact JWS
 * @throws ApiError SIGNING_UNAVAILABLE or DATABASE_UNAVAILABLE
 */
export type SignDocument = (document: { readonly typ: string; readonly claims: object }, now: Date) => Promise<string>;

/**
 * The key that signs documents with `ALGORITHM=HS256`. Whoever verifies tokens holds the key of tokens, and must not be able
 * to sign these.
 */
export function documentKeyOf(secretKey: string): Uint8Array {
  return new Uint8Array(deriveKey(secretKey, "document HS256 v1"));
}

/** Those of the current secret and of the one before. */
export interface DocumentSecrets {
  readonly secretKey: string;
  readonly previousSecretKey?: string | undefined;
}

/** The keys with which `ALGORITHM=HS256` may have signed documents. */
export const documentKeysOf = ({ secretKey, previousSecretKey }: DocumentSecrets): Uint8Array[] =>
  [secretKey, previousSecretKey].flatMap((secret) => (secret ? [documentKeyOf(secret)] : []));

/** With the current signing key; with one of its own if tokens are signed by a shared key. */
export function createDocumentSigner(keys: Pick<SigningKeys, "current" | "jwks">, secretKey: string): SignDocument {
  const shared = signerWith({ kid: undefined, algorithm: "HS256", key: documentKeyOf(secretKey) });
  return async ({ typ, claims }, now) => {
    const signer = await keys.current(now);
    if (signer.kid === undefined) return shared.sign({ typ }, claims);
    const jwk = (await keys.jwks(now)).keys.find(({ kid }) => kid === signer.kid);
    if (!jwk) throw new Error("the current signing key is not in the key set");
    return signer.sign({ typ, jwk }, claims);
  };
}

/**
 * Whether this service has signed a document, with a key that it still has and nobody has withdrawn. A public key in the
 * database is not enough: whoever may write to it can add one.
 * @throws ApiError SIGNING_UNAVAILABLE or DATABASE_UNAVAILABLE
 */
export type VerifyDocument = (jws: string, typ: string) => Promise<boolean>;

export function createDocumentVerifier(
  keyStore: Pick<KeyStore, "list" | "ownJwkOf">,
  secrets: DocumentSecrets,
): VerifyDocument {
  const shared = documentKeysOf(secrets);
  const keyOf = async (kid: string, algorithm: string): Promise<(CryptoKey | Uint8Array)[]> => {
    const row = (await keyStore.list()).find((key) => key.kid === kid);
    const jwk = row?.algorithm === algorithm && row.revoked_at === null ? await keyStore.ownJwkOf(row) : undefined;
    return jwk ? [await importJWK(jwk, algorithm)] : [];
  };
  return async (jws, typ) => {
    const { alg, kid, typ: given } = headerOf(jws);
    if (alg === undefined || given !== typ) return false;
    const keys = alg === "HS256" ? shared : await keyOf(kid ?? "", alg);
    for (const key of keys) if (await isSignedBy(jws, key, alg)) return true;
    return false;
  };
}

function headerOf(jws: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(jws);
  } catch {
    return {};
  }
}

/** Whether a compact JWS is signed with a key, by this algorithm alone. */
export async function isSignedBy(jws: string, key: CryptoKey | Uint8Array, algorithm: string): Promise<boolean> {
  try {
    await compactVerify(jws, key, { algorithms: [algorithm] });
    return true;
  } catch {
    return false;
  }
}
