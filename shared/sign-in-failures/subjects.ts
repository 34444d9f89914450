import { createHmac, createSecretKey } from "node:crypto";
import { deriveKey } from "../platform/crypto/derive.ts";

/** A person who tries a password or a code, as far as that is known before it is verified. */
export type Claimant = Stranger | Acquaintance | Challenged;

/** Whoever has not signed in to the account before, or tries an address without an account. */
export interface Stranger {
  /** The address that was typed, in the form that addresses are compared in. */
  readonly identifier: string;
  /** See `networkOf`. */
  readonly network: string;
  /** See `siteOf`: of a /64 each customer has tens of thousands, enough to try one address from each. */
  readonly site: string;
  /** The account of the address; undefined if there is none. */
  readonly accountId: string | undefined;
  readonly password: string;
}

/** A device that has signed in to the account before, or a session of it. */
export interface Acquaintance {
  readonly accountId: string;
  /** What tells it from others of the account. */
  readonly deviceId: string;
}

/**
 * Somebody who has shown an account's first factor, and tries a code of its second one. All are counted together, but a
 * device that the account knows by itself: otherwise a thief with the password could close the second factor to its owner.
 */
export interface Challenged {
  readonly accountId: string;
  /** See `Device.hash`; undefined for a device that the account does not know. */
  readonly knownDevice: Buffer | undefined;
}

/** Under which rows an attempt is counted. */
export interface Subjects {
  /** What may be delayed. */
  readonly paced: Buffer;
  /** What is bounded: all strangers at an account; the same as `paced` for an acquaintance. */
  readonly bounded: Buffer;
  /** The account that the bounded row belongs to; for an address without one, one that nobody has: both are kept alike. */
  readonly accountId: string;
  /** What the attempt has in common with other strangers' attempts, `network` by site; undefined for an acquaintance. */
  readonly common: { readonly network: Buffer; readonly passwordMark: number } | undefined;
}

/**
 * Makes the subjects of attempts. Of addresses and networks there is no end, so theirs share a million rows of each kind:
 * whoever tries them all fills no database. Two that share a row are delayed for each other's failures, which is rare
 * until somebody fills it. Accounts, and the devices that they know, have rows of their own.
 */
export function createSubjects(secretKey: string) {
  const key = createSecretKey(deriveKey(secretKey, "sign-in failures v1"));
  const digest = (...parts: readonly (string | number)[]) =>
    createHmac("sha256", key).update(JSON.stringify(parts)).digest().subarray(0, subjectBytes);
  const shared = (kind: string, ...parts: readonly string[]) => {
    const subject = Buffer.alloc(subjectBytes);
    subject.write(kind, "latin1");
    subject.writeUInt32BE(digest(kind, ...parts).readUInt32BE(0) % sharedRows, subjectBytes - 4);
    return subject;
  };
  const stranger = ({ identifier, network }: Pick<Stranger, "identifier" | "network">) =>
    shared("stranger", identifier, network);
  const own = ({ accountId, deviceId }: Acquaintance) => digest("device", accountId, deviceId);
  /** The rows of an account's second factors begin alike, so that they can be told from its others. */
  const atSecondFactor = (accountId: string, rest: Buffer) =>
    Buffer.concat([digest("second factors", accountId).subarray(0, prefixBytes), rest.subarray(0, prefixBytes)]);
  const challenged = ({ accountId, knownDevice }: Challenged) =>
    atSecondFactor(
      accountId,
      digest(knownDevice ? "device" : "strangers", accountId, knownDevice?.toString("hex") ?? ""),
    );
  const recoveryCodes = (accountId: string) => atSecondFactor(accountId, digest("recovery codes", accountId));
  const secondFactors = (accountId: string) => ({
    from: atSecondFactor(accountId, Buffer.alloc(prefixBytes)),
    to: atSecondFactor(accountId, Buffer.alloc(prefixBytes, 0xff)),
  });
  const attempt = (claimant: Claimant, now: Date): Subjects => {
    const { accountId } = claimant;
    if ("deviceId" in claimant || "knownDevice" in claimant) {
      const row = "deviceId" in claimant ? own(claimant) : challenged(claimant);
      return { paced: row, bounded: row, accountId: claimant.accountId, common: undefined };
    }
    const { identifier, site, password } = claimant;
    return {
      paced: stranger(claimant),
      bounded: accountId === undefined ? shared("nobody", identifier) : digest("account", accountId),
      accountId: accountId ?? nobody,
      common: {
        network: shared("network", site),
        passwordMark: digest("password", dayOf(now), password).readUInt16BE(0),
      },
    };
  };
  return { attempt, stranger, recoveryCodes, secondFactors };
}

/** No account or attempt has this id: ours are UUIDs of version 8. */
export const nobody = "00000000-0000-0000-0000-000000000000";

const subjectBytes = 16;
const prefixBytes = subjectBytes / 2;
const sharedRows = 2 ** 20;

const dayOf = (now: Date): number => Math.floor(now.getTime() / 86_400_000);
