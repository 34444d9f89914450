import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey, type JWK } from "jose";
import type { Algorithm } from "../platform/config.ts";
import type { Seal } from "./seal.ts";
import type { SigningKeyRow, SigningKeyStore } from "./store.ts";

/** A key with the one algorithm that it may be used with (RFC 8725, section 3.1). HS256 has no `kid`: it is not published. */
export interface TokenKey {
  readonly kid: string | undefined;
  readonly algorithm: Algorithm;
  readonly key: CryptoKey | Uint8Array;
}

/** A public key as it is published: kept as JSON by `generate`. */
export interface PublicJwk extends JWK {
  kty: string;
  kid: string;
  use: "sig";
  alg: string;
}

/** The keys that sign and verify access tokens. */
export interface SigningKeys {
  /** The key that signs now. The first call of the first instance makes it. */
  current(now: Date): Promise<TokenKey>;
  /** The key that a token's header names; undefined when there is none. */
  find(kid: string | undefined, now: Date): Promise<TokenKey | undefined>;
  /** The public keys as a JWK Set (RFC 7517, section 5). Never empty for an asymmetric algorithm. */
  jwks(now: Date): Promise<{ keys: PublicJwk[] }>;
}

/** The symmetric key of `ALGORITHM=HS256`: `SECRET_KEY` itself, as consumers of the service's predecessor know it. */
export function createSharedKey(secretKey: string): SigningKeys {
  const key: TokenKey = {
    kid: undefined,
    algorithm: "HS256",
    key: new TextEncoder().encode(secretKey),
  };
  return {
    current: async () => key,
    find: async (kid) => (kid === undefined ? key : undefined),
    jwks: async () => ({ keys: [] }),
  };
}

/** How old the keys in memory may be: what another instance has added is known to this one after this time. */
const maxAgeMilliseconds = 30_000;

interface KeySet {
  readonly readAt: number;
  readonly signing: TokenKey | undefined;
  readonly lastGeneration: number;
  readonly verifying: ReadonlyMap<string, TokenKey>;
  readonly published: PublicJwk[];
}

/** Asymmetric keys, kept in the database with their private part sealed, and in memory for 30 seconds. */
export function createSigningKeys(
  store: SigningKeyStore,
  seal: Seal,
  algorithm: Exclude<Algorithm, "HS256">,
): SigningKeys {
  let reading: Promise<KeySet> | undefined;
  let known: KeySet | undefined;

  const read = async (now: Date): Promise<KeySet> => {
    const keySet = await openKeySet(await store.list(), { seal, algorithm, now });
    // An empty set is not kept: the next call finds the key that some instance makes meanwhile.
    known = keySet.verifying.size > 0 ? keySet : undefined;
    return keySet;
  };
  const readOnce = (now: Date): Promise<KeySet> => {
    reading ??= read(now).finally(() => (reading = undefined));
    return reading;
  };
  const keySet = async (now: Date): Promise<KeySet> => {
    const isFresh = known !== undefined && Math.abs(now.getTime() - known.readAt) <= maxAgeMilliseconds;
    return isFresh && known ? known : readOnce(now);
  };
  /** Several instances may get here at once: the unique generation lets one of their keys in, and all read that one. */
  const makeFirst = async (now: Date): Promise<TokenKey> => {
    const { signing, lastGeneration } = await readOnce(now);
    if (signing) return signing;
    await store.add(await generate({ algorithm, seal, generation: lastGeneration + 1, now }));
    const made = (await read(now)).signing;
    if (!made) throw new Error(`no ${algorithm} signing key could be made`);
    return made;
  };
  let making: Promise<TokenKey> | undefined;
  const current = async (now: Date): Promise<TokenKey> => {
    const { signing } = await keySet(now);
    if (signing) return signing;
    making ??= makeFirst(now).finally(() => (making = undefined));
    return making;
  };
  return {
    current,
    find: async (kid, now) => (kid === undefined ? undefined : (await keySet(now)).verifying.get(kid)),
    async jwks(now) {
      // Caches keep what they get, so the first caller gets a key, not an empty set.
      await current(now);
      return { keys: (await keySet(now)).published };
    },
  };
}

async function generate(options: {
  algorithm: Algorithm;
  seal: Seal;
  generation: number;
  now: Date;
}): Promise<SigningKeyRow> {
  const { publicKey, privateKey } = await generateKeyPair(options.algorithm, {
    extractable: true,
    modulusLength: 2048,
  });
  const members = await exportJWK(publicKey);
  const kid = await calculateJwkThumbprint(members);
  return {
    kid,
    generation: options.generation,
    algorithm: options.algorithm,
    public_jwk: JSON.stringify({ ...members, kid, use: "sig", alg: options.algorithm }),
    sealed_private_key: options.seal.close(kid, JSON.stringify(await exportJWK(privateKey))),
    created_at: options.now,
  };
}

async function openKeySet(
  rows: readonly SigningKeyRow[],
  options: { seal: Seal; algorithm: Algorithm; now: Date },
): Promise<KeySet> {
  const verifying = await Promise.all(
    rows.map(async (row): Promise<[string, TokenKey]> => {
      const key = await importJWK(JSON.parse(row.public_jwk) as JWK);
      return [row.kid, { kid: row.kid, algorithm: row.algorithm as Algorithm, key }];
    }),
  );
  const signingRow = rows.findLast((row) => row.algorithm === options.algorithm);
  return {
    readAt: options.now.getTime(),
    signing: signingRow && (await openSigningKey(signingRow, options.seal)),
    lastGeneration: rows.at(-1)?.generation ?? 0,
    verifying: new Map(verifying),
    published: rows.map((row) => JSON.parse(row.public_jwk) as PublicJwk),
  };
}

async function openSigningKey(row: SigningKeyRow, seal: Seal): Promise<TokenKey> {
  const algorithm = row.algorithm as Algorithm;
  let privateJwk: JWK;
  try {
    privateJwk = JSON.parse(seal.open(row.kid, row.sealed_private_key)) as JWK;
  } catch (error) {
    throw new Error(
      "The signing key in the database was sealed with another SECRET_KEY: restore that setting, or in development delete the database",
      { cause: error },
    );
  }
  return { kid: row.kid, algorithm, key: await importJWK(privateJwk, algorithm) };
}
