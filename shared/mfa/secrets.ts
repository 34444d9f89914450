import { createSeal } from "../platform/crypto/seal.ts";
import { describeError, log } from "../platform/log.ts";

/** The secrets of authenticator apps as the database keeps them: sealed under the factor's id. */
export interface TotpSecrets {
  seal(factorId: string, secret: string): Buffer;
  /**
   * @returns the secret, sealed anew if it was sealed before `SECRET_KEY` was rotated; undefined if no key opens it any
   * more, which is logged
   */
  open(factorId: string, sealed: Buffer): { readonly secret: string; readonly sealed: Buffer } | undefined;
}

/** @param previousSecretKey opens what was sealed before `SECRET_KEY` was rotated */
export function createTotpSecrets(secretKey: string, previousSecretKey?: string): TotpSecrets {
  const [current, earlier = current] = [secretKey, previousSecretKey].flatMap((key) =>
    key === undefined ? [] : [createSeal(purpose, key)],
  );
  if (!current || !earlier) throw new Error("there is no SECRET_KEY");
  return {
    seal: (factorId, secret) => current.close(factorId, secret),
    open(factorId, sealed) {
      try {
        return { secret: current.open(factorId, sealed), sealed };
      } catch {
        // Sealed with another key: the previous one, or none that is known.
      }
      try {
        const secret = earlier.open(factorId, sealed);
        return { secret, sealed: current.close(factorId, secret) };
      } catch (error) {
        log("error", "mfa.secret_unreadable", { factor_id: factorId, cause: describeError(error) });
        return undefined;
      }
    },
  };
}

const purpose = "totp secrets v1";
