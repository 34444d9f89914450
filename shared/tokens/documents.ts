import { deriveKey } from "../platform/crypto/derive.ts";
import { signerWith } from "./keys/key-material.ts";
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
export function documentKeyOf(secretKey: string): Buffer {
  return deriveKey(secretKey, "document HS256 v1");
}

/** With the current signing key; with one of its own if tokens are signed by a shared key. */
export function createDocumentSigner(keys: Pick<SigningKeys, "current" | "jwks">, secretKey: string): SignDocument {
  const shared = signerWith({ kid: undefined, algorithm: "HS256", key: new Uint8Array(documentKeyOf(secretKey)) });
  return async ({ typ, claims }, now) => {
    const signer = await keys.current(now);
    if (signer.kid === undefined) return shared.sign({ typ }, claims);
    const jwk = (await keys.jwks(now)).keys.find(({ kid }) => kid === signer.kid);
    if (!jwk) throw new Error("the current signing key is not in the key set");
    return signer.sign({ typ, jwk }, claims);
  };
}
