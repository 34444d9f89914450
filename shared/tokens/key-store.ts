import type { Algorithm } from "./settings.ts";
import { generateKey, openPrivateKey, signerWith, type Signer } from "./key-material.ts";
import type { DatedKey } from "./key-schedule.ts";
import type { Seal } from "../platform/crypto/seal.ts";
import type { SigningKeyRow, SigningKeyQueries } from "./signing-key-queries.ts";

/** The kinds of key that a key store makes: HS256 has none of its own. */
export type KeyAlgorithm = Exclude<Algorithm, "HS256">;

/** A key as its store shows it. */
export interface KeptKey extends DatedKey {
  /** The public JWK as JSON. */
  readonly public_jwk: string;
}

export interface NewKey {
  readonly algorithm: KeyAlgorithm;
  readonly generation: number;
  readonly now: Date;
  readonly signsFrom: Date;
  /** How long its tokens live. */
  readonly tokenSeconds: number;
}

/** Where the keys are: their public parts and dates for all, the use of their private parts for this service. */
export interface KeyStore<K extends KeptKey = KeptKey> {
  /** All keys, the oldest first. */
  list(): Promise<K[]>;
  /** Makes a key and keeps it. @returns undefined when another instance was faster: its key counts */
  make(key: NewKey): Promise<K | undefined>;
  /** What signs with this key. @throws Error saying what to do when its private part cannot be used */
  signer(key: K): Promise<Signer>;
  /** Notes that a key signs tokens that live so long, unless it has signed longer ones. */
  noteLifetime(kid: string, tokenSeconds: number): Promise<void>;
  /** Lets a key sign from `now` on that would have later. @returns whether it was this call that did */
  promote(kid: string, now: Date): Promise<boolean>;
  /** Withdraws a key. @returns whether it was this call that did; false for an unknown one */
  revoke(kid: string, now: Date): Promise<boolean>;
  /** Removes a key whose last token has expired. @returns whether it was removed: not everything forgets keys */
  remove(kid: string): Promise<boolean>;
}

/** What the private parts of keys are sealed for. */
export const keySealPurpose = "signing key seal v1";

/** Keeps the keys in the database, their private parts sealed for `keySealPurpose`. */
export function createDatabaseKeyStore(queries: SigningKeyQueries, seal: Seal): KeyStore<SigningKeyRow> {
  return {
    ...queries,
    async remove(kid) {
      await queries.remove(kid);
      return true;
    },
    async make(key) {
      const row = await generateKey(seal, key);
      return (await queries.add(row)) ? row : undefined;
    },
    signer: async (row) => signerWith(await openPrivateKey(seal, row)),
  };
}
