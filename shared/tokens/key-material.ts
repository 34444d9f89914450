import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from "jose";
import type { Algorithm } from "../platform/config.ts";
import type { Seal } from "./seal.ts";
import type { SigningKeyRow } from "./store.ts";

/** A key with the one algorithm that it may be used with (RFC 8725, section 3.1). HS256 has no `kid`: it is not published. */
export interface TokenKey {
  readonly kid: string | undefined;
  readonly algorithm: Algorithm;
  readonly key: CryptoKey | Uint8Array;
}

/** A public key as it is published: kept as JSON by `generateKey`. */
export interface PublicJwk extends JWK {
  kty: string;
  kid: string;
  use: "sig";
  alg: string;
}

export interface NewKey {
  readonly algorithm: Algorithm;
  readonly generation: number;
  readonly now: Date;
  readonly signsFrom: Date;
}

/** Makes a key pair; its private part is sealed under its `kid`, the thumbprint of RFC 7638. */
export async function generateKey(
  seal: Seal,
  { algorithm, generation, now, signsFrom }: NewKey,
): Promise<SigningKeyRow> {
  const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true, modulusLength: 2048 });
  const members = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(members);
  return {
    kid,
    generation,
    algorithm,
    public_jwk: JSON.stringify({ ...members, kid, use: "sig", alg: algorithm }),
    sealed_private_key: seal.close(kid, JSON.stringify(await exportJWK(privateKey))),
    created_at: now,
    signs_from: signsFrom,
    revoked_at: null,
  };
}

/** The public part, for verifying. */
export async function openPublicKey({ kid, algorithm, public_jwk: json }: SigningKeyRow): Promise<TokenKey> {
  return { kid, algorithm: algorithm as Algorithm, key: await importJWK(JSON.parse(json) as JWK, algorithm) };
}

/** The private part, for signing. @throws Error when it was sealed with another `SECRET_KEY` */
export async function openPrivateKey(
  seal: Seal,
  { kid, algorithm, sealed_private_key: sealed }: SigningKeyRow,
): Promise<TokenKey> {
  let jwk: JWK;
  try {
    jwk = JSON.parse(seal.open(kid, sealed)) as JWK;
  } catch (error) {
    throw new Error(
      "The signing key in the database was sealed with another SECRET_KEY: restore that setting, name it as SECRET_KEY_PREVIOUS, or in development delete the database",
      { cause: error },
    );
  }
  return { kid, algorithm: algorithm as Algorithm, key: await importJWK(jwk, algorithm) };
}
