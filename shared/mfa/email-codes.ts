import { addSeconds } from "../platform/clock.ts";
import type { CodeHasher } from "../platform/crypto/short-codes.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { mostTries, type Challenge } from "./challenges.ts";
import type { MfaQueries } from "./tables.ts";

/** How many codes are mailed for one challenge. */
export const mostEmailCodes = 3;

/**
 * How long the first code is good, and with it the challenge, which would otherwise end before some mails have arrived. The
 * codes after it end with the challenge.
 */
export const emailCodeSeconds = 10 * 60;

/** The queries on mailed codes, which are columns of `mfa_challenges`; part of the store. */
export function createEmailCodeQueries(db: MfaQueries, codes: CodeHasher) {
  return {
    /**
     * Gives a challenge its code, and ends the code before. A second run with the same code changes nothing.
     * @param code from `newShortCode`, made outside the transaction
     * @returns when it ends; undefined if the challenge has ended, or has had as many codes as it may
     */
    async issue({ tokenHash, code }: { tokenHash: Buffer; code: string }, now: Date): Promise<Date | undefined> {
      const codeHash = codes.hash(code, tokenHash);
      const parameters = { tokenHash, codeHash, now, until: addSeconds(now, emailCodeSeconds) };
      const [row] = await issue(db, { ...parameters, most: mostEmailCodes, mostTries });
      return row?.expires_at;
    },

    /** The hash of a code as typed, if the challenge has this code. Changes nothing. */
    match({ tokenHash, emailCodeHash }: Challenge, typed: string): Buffer | undefined {
      if (!emailCodeHash || typed.length > longestTyped) return undefined;
      const code = typed.replaceAll(/\s/g, "");
      return codes.matches(code, { salt: tokenHash, hash: emailCodeHash }) ? emailCodeHash : undefined;
    },

    /** Uses a code up. @returns false if it was used, or another was mailed since: of racing calls one wins */
    async use(code: { tokenHash: Buffer; codeHash: Buffer }): Promise<boolean> {
      return (await use(db, code)).length > 0;
    },
  };
}

const longestTyped = 20;

type Issue = { tokenHash: Buffer; codeHash: Buffer; now: Date; until: Date; most: number; mostTries: number };

const issue = prepared((db: MfaQueries, param: ParameterOf<Issue>) =>
  db
    .updateTable("mfa_challenges")
    .set((row) => ({
      email_code_hash: param("codeHash"),
      email_codes: row
        .case()
        .when("email_code_hash", "=", param("codeHash"))
        .then(row.ref("email_codes"))
        .else(row("email_codes", "+", 1))
        .end(),
      expires_at: row.case().when("email_codes", "=", 0).then(param("until")).else(row.ref("expires_at")).end(),
    }))
    .where("token_hash", "=", param("tokenHash"))
    .where("purpose", "=", "sign_in")
    .where("used_at", "is", null)
    .where("expires_at", ">", param("now"))
    .where("tries", "<", param("mostTries"))
    .where((row) => row.or([row("email_codes", "<", param("most")), row("email_code_hash", "=", param("codeHash"))]))
    .returning("expires_at"),
);

const use = prepared((db: MfaQueries, param: ParameterOf<{ tokenHash: Buffer; codeHash: Buffer }>) =>
  db
    .updateTable("mfa_challenges")
    .set({ email_code_hash: null })
    .where("token_hash", "=", param("tokenHash"))
    .where("email_code_hash", "=", param("codeHash"))
    .returning("user_id"),
);
