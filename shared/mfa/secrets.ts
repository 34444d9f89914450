import { hash } from "node:crypto";
import { deriveKey } from "../platform/crypto/derive.ts";
import { createSeal, type Seal } from "../platform/crypto/seal.ts";
import { describeError, log } from "../platform/log.ts";

/** A secret as the database keeps it. */
export interface SealedSecret {
  readonly sealed: Buffer;
  /** Tells the key that sealed it from others, and nothing about it. */
  readonly keyMark: Buffer;
}

/** The secrets of authenticator apps as the database keeps them: sealed under the factor's id. */
export interface TotpSecrets {
  seal(factorId: string, secret: string): SealedSecret;
  /** @returns the secret; undefined if no key opens it any more, which is logged */
  open(factorId: string, sealed: Buffer): string | undefined;
  /** The mark of the key before `SECRET_KEY` was rotated; undefined if there is none. */
  readonly previousMark: Buffer | undefined;
}

/** @param previousSecretKey opens what was sealed before `SECRET_KEY` was rotated */
export function createTotpSecrets(secretKey: string, previousSecretKey?: string): TotpSecrets {
  const seal: Seal = createSeal(purpose, secretKey, previousSecretKey);
  const keyMark = markOf(secretKey);
  return {
    seal: (factorId, secret) => ({ sealed: seal.close(factorId, secret), keyMark }),
    open(factorId, sealed) {
      try {
        return seal.open(factorId, sealed);
      } catch (error) {
        log("error", "mfa.secret_unreadable", { factor_id: factorId, cause: describeError(error) });
        return undefined;
      }
    },
    // In the middle of a rotation both may be the same.
    previousMark:
      previousSecretKey === undefined || previousSecretKey === secretKey ? undefined : markOf(previousSecretKey),
  };
}

const purpose = "totp secrets v1";

const markOf = (secretKey: string): Buffer =>
  hash("sha256", deriveKey(secretKey, "totp secrets' key mark v1"), "buffer").subarray(0, 8);
