import type { Algorithm } from "../settings.ts";
import { addSeconds } from "../../platform/clock.ts";
import { deriveKey } from "../../platform/crypto/derive.ts";
import { longestTokenSeconds, scheduleKeys } from "./key-schedule.ts";
import { beginSigning, type KeyOptions } from "./key-rotation.ts";
import type { KeptKey, KeyStore, Signer } from "./key-store.ts";
import { openPublicKey, signerWith, type PublicJwk, type TokenKey } from "./key-material.ts";
import { unlessSlow } from "./unless-slow.ts";

/** A JWK Set (RFC 7517, section 5). */
export interface Jwks {
  readonly keys: readonly PublicJwk[];
}

/** The keys that sign and verify access tokens. */
export interface SigningKeys {
  /** The key that signs now. The first call of the first instance creates it. */
  current(now: Date): Promise<Signer>;
  /** Makes sure that there is a key to sign with. @throws ApiError SIGNING_UNAVAILABLE */
  ensureCanSign(now: Date): Promise<void>;
  /**
   * A signer for documents that every verifier must be able to read: the key that was current 5 minutes ago while it is
   * valid, because a verifier that meets a new key may not reread the keys any sooner (API Management).
   */
  settled(now: Date): Promise<Signer>;
  /** The key that a token's header names; undefined if there is none. */
  find(kid: string | undefined, now: Date): Promise<TokenKey | undefined>;
  /** The public keys; the same object until they are reread. Never empty for an asymmetric algorithm. */
  jwks(now: Date): Promise<Jwks>;
  /** The lifetime of the longest access token that may still be valid, in seconds. */
  longestTokenSeconds(now: Date): Promise<number>;
  /**
   * The same without reading the keys, for use within a transaction: a day, unless the keys were read within 30
   * seconds.
   */
  longestKnownTokenSeconds(now: Date): number;
}

/**
 * Asymmetric keys, wherever they are stored, cached for 30 seconds. The stored dates say which one signs, so that all
 * instances switch at the same time.
 */
export function createSigningKeys(keyStore: KeyStore, options: KeyOptions): SigningKeys {
  const memory = createMemory(keyStore, options);
  const currentRow = ({ rows }: KeySet, now: Date): KeptKey | undefined =>
    scheduleKeys(rows, options, now).find(({ state }) => state === "current")?.row;
  /** Before a key signs tokens that live longer than any before, that lifetime is recorded with it. */
  const openOnce = async (row: KeptKey): Promise<Signer> => {
    if ((row.token_seconds ?? 0) < options.tokenSeconds) await keyStore.noteLifetime(row.kid, options.tokenSeconds);
    return keyStore.signer(row);
  };
  const open = ({ signing }: KeySet, row: KeptKey): Promise<Signer> => {
    const opened = signing.get(row.kid) ?? openOnce(row);
    signing.set(row.kid, opened);
    opened.catch(() => signing.delete(row.kid));
    return opened;
  };
  /**
   * Several instances may get here at once: the unique generation lets one of their keys in, and all of them read that
   * one.
   */
  const make = async (now: Date): Promise<Signer> => {
    const before = await memory.reread(now);
    const found = currentRow(before, now);
    if (found) return open(before, found);
    await beginSigning(keyStore, { ...options, rows: before.rows }, now);
    // A fresh read: one that is under way may have begun before the key existed.
    const after = await memory.read(now);
    const made = currentRow(after, now);
    if (!made) throw new Error(`no ${options.algorithm} signing key could be made`);
    return open(after, made);
  };
  let making: Promise<Signer> | undefined;
  const current = async (now: Date): Promise<Signer> => {
    const set = await memory.keySet(now);
    const row = currentRow(set, now);
    if (row) return open(set, row);
    making ??= make(now).finally(() => (making = undefined));
    return making;
  };
  return {
    current,
    async ensureCanSign(now) {
      await current(now);
    },
    async settled(now) {
      const set = await memory.keySet(now);
      const row = currentRow(set, addSeconds(now, -settlingSeconds));
      return row ? open(set, row) : current(now);
    },
    find: async (kid, now) => (kid === undefined ? undefined : memory.find(kid, now)),
    async jwks(now) {
      const known = memory.known();
      if (known && isRecent(known.readAt, now) && known.jwks.keys.length > 0) return known.jwks;
      // Caches keep what they get, so the first caller must get a key and not an empty set.
      const latest = current(now).then(() => memory.keySet(now));
      return (await (known ? unlessSlow(latest, known) : latest)).jwks;
    },
    longestTokenSeconds: async (now) => (await memory.keySet(now)).longestTokenSeconds,
    longestKnownTokenSeconds: (now) => longestKnown(memory.known(), now),
  };
}

/**
 * The key that verifiers of `ALGORITHM=HS256` tokens must hold: 256 bits (RFC 7518, section 3.2), derived from
 * `SECRET_KEY`, which it does not reveal. With `SECRET_KEY` itself they could derive every other key of the service.
 */
export function sharedKeyOf(secretKey: string): Buffer {
  return deriveKey(secretKey, "access token HS256 v1");
}

/**
 * The symmetric key of `ALGORITHM=HS256`. When `SECRET_KEY` changes, tokens of the old one are refused and people
 * refresh. Keys from before a change to HS256 still verify.
 */
export function createSharedKey(secretKey: string, keyStore: KeyStore, tokenSeconds: number): SigningKeys {
  const memory = createMemory(keyStore, { algorithm: "HS256", tokenSeconds });
  const key: TokenKey = { kid: undefined, algorithm: "HS256", key: new Uint8Array(sharedKeyOf(secretKey)) };
  const signer = signerWith(key);
  return {
    current: async () => signer,
    ensureCanSign: async () => {},
    settled: async () => signer,
    find: async (kid, now) => (kid === undefined ? key : memory.find(kid, now)),
    async jwks(now) {
      const known = memory.known();
      const latest = memory.keySet(now);
      return (await (known ? unlessSlow(latest, known) : latest)).jwks;
    },
    longestTokenSeconds: async (now) => (await memory.keySet(now)).longestTokenSeconds,
    longestKnownTokenSeconds: (now) => longestKnown(memory.known(), now),
  };
}

/** How old the keys in memory may be, and so how late this instance learns of another's changes. */
const maxAgeMilliseconds = 30_000;

/** How long a verifier that met an unknown key may wait before it rereads the keys. */
const settlingSeconds = 5 * 60;

interface KeySet {
  readonly readAt: number;
  readonly rows: readonly KeptKey[];
  readonly verifying: ReadonlyMap<string, TokenKey>;
  readonly jwks: Jwks;
  readonly longestTokenSeconds: number;
  /** Signers of the keys that have signed so far. */
  readonly signing: Map<string, Promise<Signer>>;
}

const isRecent = (instant: number, now: Date) => Math.abs(now.getTime() - instant) <= maxAgeMilliseconds;

const longestKnown = (known: KeySet | undefined, now: Date) =>
  known && isRecent(known.readAt, now) ? known.longestTokenSeconds : longestTokenSeconds;

interface MemoryOptions {
  readonly algorithm: Algorithm;
  readonly tokenSeconds: number;
}

/** The key set as last read, and the decision when to read it again. */
function createMemory(keyStore: KeyStore, options: MemoryOptions) {
  let reading: Promise<KeySet> | undefined;
  let known: KeySet | undefined;
  let soughtAt = Number.NEGATIVE_INFINITY;

  const read = async (now: Date): Promise<KeySet> => (known = await openKeySet(await keyStore.list(), options, now));
  /** Concurrent callers share one read. */
  const reread = (now: Date): Promise<KeySet> => {
    reading ??= read(now).finally(() => (reading = undefined));
    return reading;
  };
  const keySet = async (now: Date): Promise<KeySet> =>
    known !== undefined && isRecent(known.readAt, now) ? known : reread(now);
  /** Whether to reread for an unknown key: once in 30 seconds, however many are asked for. */
  const maySeek = ({ readAt }: KeySet, now: Date): boolean => {
    if (isRecent(soughtAt, now)) return false;
    soughtAt = now.getTime();
    return readAt !== soughtAt;
  };
  return {
    known: () => known,
    read,
    reread,
    keySet,
    async find(kid: string, now: Date): Promise<TokenKey | undefined> {
      const set = await keySet(now);
      const found = set.verifying.get(kid);
      return found || !maySeek(set, now) ? found : (await reread(now)).verifying.get(kid);
    },
  };
}

async function openKeySet(rows: readonly KeptKey[], options: MemoryOptions, now: Date): Promise<KeySet> {
  const valid = scheduleKeys(rows, options, now).filter(({ state }) => state !== "gone" && state !== "revoked");
  const opened = await Promise.all(valid.map(async ({ row }) => [row.kid, await openPublicKey(row)] as const));
  const verifying = new Map(opened);
  const published = rows.filter(({ kid }) => verifying.has(kid));
  return {
    readAt: now.getTime(),
    rows,
    verifying,
    jwks: { keys: published.map(({ public_jwk: json }) => JSON.parse(json) as PublicJwk) },
    longestTokenSeconds: Math.max(
      options.tokenSeconds,
      ...published.map((row) => row.token_seconds ?? longestTokenSeconds),
    ),
    signing: new Map(),
  };
}
