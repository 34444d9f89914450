import { readFileSync } from "node:fs";
import { calculateJwkThumbprint, importJWK, type CryptoKey, type JWK } from "jose";
import { AnchorFault, type AnchorHeader } from "../../../shared/audit/anchors/read-anchor.ts";
import { parseObject } from "../exported-record.ts";

/** Keys that are known to be the service's. */
export interface KnownKeys {
  /** By `kid`. */
  readonly byId: ReadonlyMap<string, JWK>;
  /** Those of `ALGORITHM=HS256`, which the service alone has. */
  readonly secrets?: readonly Uint8Array[];
}

/** Who signed an anchor. */
export interface Signer {
  readonly kid: string | undefined;
  /** Of the public key (RFC 7638); undefined for a shared key. */
  readonly thumbprint: string | undefined;
  readonly isKnown: boolean;
}

/** A key that may have signed an anchor. */
export interface CandidateKey {
  readonly key: CryptoKey | Uint8Array;
  readonly signer: Signer;
}

/**
 * The keys to verify an anchor with: the known one that its header names, otherwise the one that it contains.
 * @throws AnchorFault
 */
export type FindKeys = (header: AnchorHeader) => Promise<readonly CandidateKey[]>;

/** @param known undefined if nothing is known about the service's keys */
export function createFindKeys(known: KnownKeys | undefined): FindKeys {
  /** By the header's text: thousands of anchors have one header. */
  const opened = new Map<string, Promise<readonly CandidateKey[]>>();
  return (header) => {
    const name = JSON.stringify(header);
    const found = opened.get(name) ?? openKeys(header, known);
    if (opened.size >= mostOpened) opened.clear();
    opened.set(name, found);
    return found;
  };
}

const mostOpened = 100;

async function openKeys(
  { alg, kid, jwk }: AnchorHeader,
  known: KnownKeys | undefined,
): Promise<readonly CandidateKey[]> {
  if (alg === "HS256") {
    const signer = { kid, thumbprint: undefined, isKnown: true };
    return (known?.secrets ?? []).map((key) => ({ key, signer }));
  }
  const knownJwk = kid === undefined ? undefined : known?.byId.get(kid);
  const taken = knownJwk ?? jwk;
  if (!taken)
    throw new AnchorFault(`does not contain the key that signed it, ${kid ?? "without kid"}: give it with --keys`);
  try {
    const thumbprint = await calculateJwkThumbprint(taken);
    const isOther = knownJwk && jwk && (await calculateJwkThumbprint(jwk)) !== thumbprint;
    if (isOther) throw new AnchorFault(`contains another key than the one that is known as ${kid}`);
    const key = await importJWK({ ...taken, alg }, alg);
    return [{ key, signer: { kid, thumbprint, isKnown: knownJwk !== undefined } }];
  } catch (error) {
    if (error instanceof AnchorFault) throw error;
    throw new AnchorFault("contains a key that cannot be read", { cause: error });
  }
}

const mostKeysBytes = 1_000_000;

/**
 * Reads keys from a file: a JWK Set (RFC 7517), such as `/.well-known/jwks.json`.
 * @throws Error with a line to print
 */
export function readKeys(file: string): KnownKeys {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown cause"})`, {
      cause: error,
    });
  }
  const keys = text.length > mostKeysBytes ? undefined : parseObject(text)?.["keys"];
  const byId = Array.isArray(keys) ? byKeyId(keys as JWK[]) : new Map<string, JWK>();
  if (byId.size === 0)
    throw new Error(`${file} is not a JWK Set with keys of the service, such as /.well-known/jwks.json`);
  return { byId };
}

/** Public keys by their ids. */
export function byKeyId(keys: readonly JWK[]): ReadonlyMap<string, JWK> {
  return new Map(
    keys.flatMap((key) => (typeof key?.kid === "string" && key.kty !== "oct" ? [[key.kid, key] as const] : [])),
  );
}
