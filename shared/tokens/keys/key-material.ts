import {
  calculateJwkThumbprint,
  CompactSign,
  exportJWK,
  generateKeyPair,
  importJWK,
  type CryptoKey,
  type JWK,
} from "jose";
import type { Algorithm } from "../settings.ts";
import { ConfigError } from "../../platform/settings/config-error.ts";
import type { KeptKey, NewKey, Signer } from "./key-store.ts";
import type { Seal } from "../../platform/crypto/seal.ts";
import type { SigningKeyRow } from "./signing-key-queries.ts";

/**
 * A key and the only algorithm that it may be used with (RFC 8725, section 3.1). The HS256 key has no `kid`, because it
 * is not published.
 */
export interface TokenKey {
  readonly kid: string | undefined;
  readonly algorithm: Algorithm;
  readonly key: CryptoKey | Uint8Array;
}

/** A published public key; stored as JSON. */
export interface PublicJwk extends JWK {
  kty: string;
  kid: string;
  use: "sig";
  alg: string;
}

/** A signer for a key in memory. */
export function signerWith({ kid, algorithm, key }: TokenKey): Signer {
  return {
    kid,
    algorithm,
    isRemote: false,
    sign: (header, claims) =>
      new CompactSign(Buffer.from(JSON.stringify(claims)))
        .setProtectedHeader({ alg: algorithm, ...(kid !== undefined && { kid }), ...header })
        .sign(key),
  };
}

/** Makes a key publishable; its `kid` is the thumbprint of RFC 7638. */
export async function toPublicJwk(members: JWK, algorithm: string): Promise<PublicJwk> {
  const kid = await calculateJwkThumbprint(members);
  return { ...members, kty: members.kty ?? "", kid, use: "sig", alg: algorithm };
}

/** Generates a key pair; the private part is sealed under its `kid`. */
export async function generateKey(
  seal: Seal,
  { algorithm, generation, now, signsFrom, tokenSeconds }: NewKey,
): Promise<SigningKeyRow> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true, modulusLength: 2048 });
  const publicJwk = await toPublicJwk(await exportJWK(publicKey), algorithm);
  return {
    kid: publicJwk.kid,
    generation,
    algorithm,
    public_jwk: JSON.stringify(publicJwk),
    sealed_private_key: seal.close(publicJwk.kid, JSON.stringify(await exportJWK(privateKey))),
    created_at: now,
    signs_from: signsFrom,
    revoked_at: null,
    token_seconds: tokenSeconds,
  };
}

/** The public part of a key, for verifying. */
export async function openPublicKey({ kid, algorithm, public_jwk: json }: KeptKey): Promise<TokenKey> {
  return { kid, algorithm: algorithm as Algorithm, key: await importJWK(JSON.parse(json) as JWK, algorithm) };
}

/** The private part of a key, for signing. @throws ConfigError if it was sealed with another `SECRET_KEY` */
export async function openPrivateKey(
  seal: Seal,
  { kid, algorithm, sealed_private_key: sealed }: SigningKeyRow,
): Promise<TokenKey> {
  let jwk: JWK;
  try {
    jwk = JSON.parse(seal.open(kid, sealed)) as JWK;
  } catch (error) {
    throw new ConfigError(
      "The signing key in the database was sealed with another SECRET_KEY: restore that value, set it as SECRET_KEY_PREVIOUS, or, in development, delete the database",
      { cause: error },
    );
  }
  return { kid, algorithm: algorithm as Algorithm, key: await importJWK(jwk, algorithm) };
}

/** The public part of a key as its sealed private part has it; undefined if this service has not sealed that. */
export function ownPublicJwk(
  seal: Seal,
  { kid, sealed_private_key: sealed }: Pick<SigningKeyRow, "kid" | "sealed_private_key">,
): JWK | undefined {
  try {
    // Of all kinds of keys, these members are public.
    const { kty, crv, x, y, n, e } = JSON.parse(seal.open(kid, sealed)) as JWK;
    return JSON.parse(JSON.stringify({ kty, crv, x, y, n, e })) as JWK;
  } catch {
    return undefined;
  }
}
