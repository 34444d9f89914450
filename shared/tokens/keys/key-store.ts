import type { JWK } from "jose";
import type { Algorithm } from "../settings.ts";
import type { DatedKey } from "./key-schedule.ts";

/** Where the keys are kept: public parts and dates for everyone, use of the private parts for this service only. */
export interface KeyStore<K extends KeptKey = KeptKey> {
  /** All keys, oldest first. */
  list(): Promise<K[]>;
  /** Makes and stores a key. @returns undefined if another instance was faster: its key counts */
  make(key: NewKey): Promise<K | undefined>;
  /** A signer for this key. @throws Error saying what to do if its private part cannot be used */
  signer(key: K): Promise<Signer>;
  /**
   * The public key that belongs to the private part, whatever `public_jwk` says.
   * @returns undefined if the private part is not this service's: somebody else has put the key there
   */
  ownJwkOf(key: K): Promise<JWK | undefined>;
  /** Records that a key signs tokens of this lifetime, unless a longer one is already recorded. */
  noteLifetime(kid: string, tokenSeconds: number): Promise<void>;
  /** Makes a key that was to sign later sign from `now` on. @returns whether this call did it */
  promote(kid: string, now: Date): Promise<boolean>;
  /** Withdraws a key. @returns whether this call did it; false if unknown */
  revoke(kid: string, now: Date): Promise<boolean>;
  /** Removes a key whose last token has expired. @returns whether it was removed: not every store can remove keys */
  remove(kid: string): Promise<boolean>;
}

/** The algorithms that a key store makes keys for: HS256 has none of its own. */
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
  /** Lifetime of its tokens, in seconds. */
  readonly tokenSeconds: number;
}

/** Signs tokens, wherever the private key is. */
export interface Signer {
  readonly kid: string | undefined;
  readonly algorithm: Algorithm;
  /** Whether signing calls another service, which may fail or be slow. */
  readonly isRemote: boolean;
  /** @returns a compact JWT with `alg` and `kid` added to its header */
  sign(header: { readonly typ: string; readonly jwk?: object }, claims: object): Promise<string>;
}
