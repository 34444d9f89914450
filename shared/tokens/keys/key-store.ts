import type { Algorithm } from "../settings.ts";
import type { DatedKey } from "./key-schedule.ts";

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

/** What signs, wherever its private part is. */
export interface Signer {
  readonly kid: string | undefined;
  readonly algorithm: Algorithm;
  /** Whether signing is a call to another service, which may fail or be slow. */
  readonly isRemote: boolean;
  /** @returns a JWT in compact form, its header completed by `alg` and `kid` */
  sign(header: { readonly typ: string }, claims: object): Promise<string>;
}
