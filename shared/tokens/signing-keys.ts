import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseUnavailable } from "../platform/database/errors.ts";
import { scheduleKeys } from "./key-schedule.ts";
import { beginSigning, type KeyOptions } from "./key-rotation.ts";
import { openPrivateKey, openPublicKey, type PublicJwk, type TokenKey } from "./key-material.ts";
import type { Seal } from "./seal.ts";
import type { SigningKeyRow, SigningKeyStore } from "./store.ts";

/** The keys that sign and verify access tokens. */
export interface SigningKeys {
  /** The key that signs now. The first call of the first instance makes it. */
  current(now: Date): Promise<TokenKey>;
  /** The key that a token's header names; undefined when there is none. */
  find(kid: string | undefined, now: Date): Promise<TokenKey | undefined>;
  /** The public keys as a JWK Set (RFC 7517, section 5). Never empty for an asymmetric algorithm. */
  jwks(now: Date): Promise<{ keys: PublicJwk[] }>;
}

/**
 * The symmetric key of `ALGORITHM=HS256`: `SECRET_KEY` itself, as consumers of the service's predecessor know it. After a
 * change of it people refresh: a token of the previous one is refused.
 */
export function createSharedKey(secretKey: string): SigningKeys {
  const key: TokenKey = { kid: undefined, algorithm: "HS256", key: new TextEncoder().encode(secretKey) };
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
  readonly rows: readonly SigningKeyRow[];
  readonly verifying: ReadonlyMap<string, TokenKey>;
  /** The private parts that were needed so far. */
  readonly signing: Map<string, Promise<TokenKey>>;
}

/**
 * Asymmetric keys, kept in the database with their private part sealed, and in memory for 30 seconds. Which of them signs
 * follows from the dates stored with them, so that all instances change over at the same time.
 */
export function createSigningKeys(store: SigningKeyStore, seal: Seal, options: KeyOptions): SigningKeys {
  let reading: Promise<KeySet> | undefined;
  let known: KeySet | undefined;

  const read = async (now: Date): Promise<KeySet> => {
    const rows = await store.list();
    const valid = scheduleKeys(rows, options, now).filter(({ state }) => state !== "gone" && state !== "revoked");
    const opened = await Promise.all(valid.map(async ({ row }) => [row.kid, await openPublicKey(row)] as const));
    const keySet = { readAt: now.getTime(), rows, verifying: new Map(opened), signing: new Map() };
    // A set without a key that signs is not kept: the next call finds the one that some instance makes meanwhile.
    known = currentRow(keySet, now) ? keySet : undefined;
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
  const currentRow = ({ rows }: Pick<KeySet, "rows">, now: Date): SigningKeyRow | undefined =>
    scheduleKeys(rows, options, now).find(({ state }) => state === "current")?.row;
  const open = ({ signing }: KeySet, row: SigningKeyRow): Promise<TokenKey> => {
    const opened = signing.get(row.kid) ?? openPrivateKey(seal, row);
    signing.set(row.kid, opened);
    return opened;
  };
  /** Several instances may get here at once: the unique generation lets one of their keys in, and all read that one. */
  const make = async (now: Date): Promise<TokenKey> => {
    const before = await readOnce(now);
    const found = currentRow(before, now);
    if (found) return open(before, found);
    await beginSigning(store, { ...options, seal, rows: before.rows }, now);
    const after = await read(now);
    const made = currentRow(after, now);
    if (!made) throw new Error(`no ${options.algorithm} signing key could be made`);
    return open(after, made);
  };
  let making: Promise<TokenKey> | undefined;
  const current = async (now: Date): Promise<TokenKey> => {
    const set = await keySet(now);
    const row = currentRow(set, now);
    if (row) return open(set, row);
    making ??= make(now).finally(() => (making = undefined));
    return making;
  };
  return {
    current,
    find: async (kid, now) => (kid === undefined ? undefined : (await keySet(now)).verifying.get(kid)),
    async jwks(now) {
      // Caches keep what they get, so the first caller gets a key, not an empty set.
      const latest = current(now).then(() => keySet(now));
      const { rows, verifying } = await (known ? unlessSlow(latest, known) : latest);
      const published = rows.filter(({ kid }) => verifying.has(kid));
      return { keys: published.map((row) => JSON.parse(row.public_jwk) as PublicJwk) };
    },
  };
}

const slowMilliseconds = 1000;

/** What is read anew; what was known before while the database does not answer: an outage must not take the public keys away. */
async function unlessSlow(reading: Promise<KeySet>, before: KeySet): Promise<KeySet> {
  const answer = reading.catch((error: unknown) => {
    if (error instanceof DatabaseUnavailable) return before;
    throw error;
  });
  return Promise.race([answer, sleep(slowMilliseconds, before, { ref: false })]);
}
