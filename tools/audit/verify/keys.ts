import { readFileSync } from "node:fs";
import { calculateJwkThumbprint, importJWK, type CryptoKey, type JWK } from "jose";
import { AnchorFault, type AnchorHeader } from "../../../shared/audit/anchors/read-anchor.ts";
import { parseObject } from "../exported-record.ts";

/** Keys that are known to be the service's. */
export interface KnownKeys {
  /** By `kid`. */
  readonly byId: ReadonlyMap<string, JWK>;
  /** The key of `ALGORITHM=HS256`. */
  readonly shared?: Uint8Array | undefined;
}

/** Who signed an anchor. */
export interface Signer {
  readonly kid: string | undefined;
  /** Of the public key (RFC 7638); undefined for a shared key. */
  readonly thumbprint: string | undefined;
  readonly isKnown: boolean;
}

export interface AnchorKeys {
  /** The key to verify an anchor with: the known one that it names, otherwise the one in its header. @throws AnchorFault */
  keyOf(header: AnchorHeader): Promise<CryptoKey | Uint8Array>;
  /** Who signed, if the signature fits. */
  signerOf(header: AnchorHeader): Promise<Signer>;
}

/** @param known undefined if nothing is known about the service's keys */
export function createAnchorKeys(known: KnownKeys | undefined): AnchorKeys {
  /** By the header's text: thousands of anchors have one header. */
  const opened = new Map<string, Promise<{ readonly key: CryptoKey | Uint8Array; readonly signer: Signer }>>();
  const open = (header: AnchorHeader) => {
    const name = JSON.stringify(header);
    const found = opened.get(name) ?? openKey(header, known);
    if (opened.size >= mostOpened) opened.clear();
    opened.set(name, found);
    return found;
  };
  return {
    keyOf: async (header) => (await open(header)).key,
    signerOf: async (header) => (await open(header)).signer,
  };
}

const mostOpened = 100;

async function openKey({ alg, kid, jwk }: AnchorHeader, known: KnownKeys | undefined) {
  if (alg === "HS256") {
    if (!known?.shared)
      throw new AnchorFault("is signed with the service's own secret: verify with its settings, or with --keys");
    return { key: known.shared, signer: { kid, thumbprint: undefined, isKnown: true } };
  }
  const knownJwk = kid === undefined ? undefined : known?.byId.get(kid);
  const taken = knownJwk ?? jwk;
  if (!taken) throw new AnchorFault(`is signed with the key ${kid}, which it does not contain; give it with --keys`);
  try {
    const thumbprint = await calculateJwkThumbprint(taken);
    const isOther = knownJwk && jwk && (await calculateJwkThumbprint(jwk)) !== thumbprint;
    if (isOther) throw new AnchorFault(`contains another key than the service's key ${kid}`);
    const key = await importJWK({ ...(taken as JWK), alg }, alg);
    return { key, signer: { kid, thumbprint, isKnown: knownJwk !== undefined } };
  } catch (error) {
    if (error instanceof AnchorFault) throw error;
    throw new AnchorFault("contains a key that cannot be read", { cause: error });
  }
}

const mostKeysBytes = 1_000_000;

/**
 * Reads keys from a file: a JWK Set (RFC 7517), as `/.well-known/jwks.json` and `npm run keys -- shared` print it, or one
 * key.
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
  const found = text.length > mostKeysBytes ? undefined : parseObject(text);
  const keys: unknown = found && ("keys" in found ? found["keys"] : [found]);
  if (!Array.isArray(keys) || keys.length === 0)
    throw new Error(`${file} is not a JWK Set, such as /.well-known/jwks.json`);
  return knownKeys(keys as JWK[]);
}

/** Keys by their ids. */
export function knownKeys(keys: readonly JWK[], shared?: Uint8Array): KnownKeys {
  const symmetric = keys.find(({ kty }) => kty === "oct")?.k;
  const byId = keys.flatMap((key) =>
    typeof key.kid === "string" && key.kty !== "oct" ? [[key.kid, key] as const] : [],
  );
  return {
    byId: new Map(byId),
    shared: shared ?? (symmetric === undefined ? undefined : Buffer.from(symmetric, "base64url")),
  };
}
