import { randomBytes } from "node:crypto";
import { addSeconds } from "../platform/clock.ts";
import { createCodeHasher } from "../platform/crypto/short-codes.ts";
import type { Queries } from "../platform/database/database.ts";
import { addOnce, consume, countTry, endForAddress, endOlder, endUnused, select, type Row } from "./queries.ts";
import { hashOneTimeToken, type OneTimeSecret } from "./secrets.ts";
import type { OneTimeTokenSettings } from "./settings.ts";
import { createSubjectQueries } from "./subject-queries.ts";
import type { OneTimeTokensTable, Purpose } from "./tables.ts";

/** An address, as given and in the form that addresses are compared in. */
export interface TokenAddress {
  readonly email: string;
  readonly emailNormalised: string;
}

/** A token to issue. */
export interface NewOneTimeToken extends TokenAddress {
  readonly purpose: Purpose;
  /** From `newOneTimeSecret`; leave the code out if the mail has none. */
  readonly secret: OneTimeSecret;
  /** An account or a registration. A random id for a mail to nobody. */
  readonly subjectId: string;
  /** `ONE_TIME_TOKEN_MINUTES` unless given. */
  readonly lifetimeSeconds?: number;
  /** Not issued if so many of its purpose wait at the address; always issued unless given. */
  readonly most?: number;
  /** Whether the other unused ones of its purpose and subject end; they do unless given, except for an undo. */
  readonly endsOthers?: boolean;
}

/** A token that was found. */
export interface OneTimeToken extends TokenAddress {
  /** `used` within the last 24 hours, or still to be used. */
  readonly state: "live" | "used";
  readonly tokenHash: Buffer;
  readonly purpose: Purpose;
  readonly subjectId: string;
  readonly issuedAt: Date;
}

export type OneTimeTokenStore = ReturnType<ReturnType<typeof createOneTimeTokens>>;

/** @returns a function that creates the queries on `one_time_tokens` for a connection */
export function createOneTimeTokens(
  { lifetimeSeconds: usualSeconds }: OneTimeTokenSettings,
  { secretKey, previousSecretKey }: { secretKey: string; previousSecretKey: string | undefined },
) {
  const codes = createCodeHasher({ purpose: "one-time codes v1", secretKey, previousSecretKey });
  return (queries: Queries) => {
    const db = queries.withTables<{ one_time_tokens: OneTimeTokensTable }>();
    return {
      ...createSubjectQueries(db),

      /**
       * Issues a token. Travels with the next statement.
       */
      async issue(
        { secret, lifetimeSeconds = usualSeconds, most = 2 ** 31 - 1, endsOthers, ...token }: NewOneTimeToken,
        now: Date,
      ) {
        const { purpose, subjectId } = token;
        const tokenHash = hashOneTimeToken(secret.token);
        const codeHash = secret.code === undefined ? randomBytes(32) : codes.hash(secret.code, tokenHash);
        const times = { now, expiresAt: addSeconds(now, lifetimeSeconds), lately: addSeconds(now, -inheritedSeconds) };
        await addOnce.later(db, { ...token, tokenHash, codeHash, ...times, most });
        if (endsOthers ?? purpose !== "undo_email") await endOlder.later(db, { tokenHash, subjectId, purpose });
      },

      /** Finds a token without using it: changes nothing. @returns undefined if it is unknown, expired or foreign */
      async find(
        { token, purpose }: { token: string; purpose: Purpose },
        now: Date,
      ): Promise<OneTimeToken | undefined> {
        const [row] = await select(db, { tokenHash: hashOneTimeToken(token), purpose });
        return row && toToken(row, now);
      },

      /** The same token again, as it is now. */
      async findAgain({ tokenHash, purpose }: OneTimeToken, now: Date): Promise<OneTimeToken | undefined> {
        const [row] = await select(db, { tokenHash, purpose });
        return row && toToken(row, now);
      },

      /**
       * Finds the token that was mailed to an address with this code. Only the newest one of the address takes a code:
       * otherwise whoever has many sent would guess many at once. Every call counts as a try, before the codes are
       * compared; the sixth within an hour finds nothing, whatever the code. Do not call it in a transaction that may
       * roll back.
       */
      async findByCode(
        { code, purpose, emailNormalised }: { code: string; purpose: Purpose; emailNormalised: string },
        now: Date,
      ): Promise<OneTimeToken | undefined> {
        const earliest = addSeconds(now, -rememberedSeconds);
        const [row] = await countTry(db, { purpose, emailNormalised, earliest, maxTries });
        const isMatch = row && codes.matches(code, { salt: row.token_hash, hash: row.code_hash });
        return isMatch ? toToken(row, now) : undefined;
      },

      /** Uses a token up. @returns false if another call did, or it has ended */
      async consume({ tokenHash, purpose, subjectId, emailNormalised }: OneTimeToken, now: Date): Promise<boolean> {
        return (await consume(db, { tokenHash, purpose, subjectId, emailNormalised, now })).length > 0;
      },

      /** Ends the unused tokens of an account, except undos. Travels with the next statement. */
      endAll: (subjectId: string): Promise<void> => endUnused.later(db, { subjectId, kept: "undo_email" }),

      /** Ends the unused tokens of a purpose that were mailed to an address. Travels with the next statement. */
      endForAddress: (address: { purpose: Purpose; emailNormalised: string }): Promise<void> =>
        endForAddress.later(db, address),

      /** Removes up to `limit` tokens that expired before `until`, a day ago or more. @returns how many */
      async purge(limit: number, until: Date): Promise<number> {
        const expired = db
          .selectFrom("one_time_tokens")
          .select("token_hash")
          .where("expires_at", "<=", until)
          .orderBy("expires_at")
          .limit(limit);
        const removal = db.deleteFrom("one_time_tokens").where("token_hash", "in", expired).returning("token_hash");
        return (await removal.execute()).length;
      },
    };
  };
}

/** How often the code of a token may be tried. */
const maxTries = 5;

/** How long a new token of the same address has the tries of the one before. */
const inheritedSeconds = 60 * 60;

/** How long a used token is remembered, to say its success again. */
const rememberedSeconds = 24 * 60 * 60;

function toToken(row: Row, now: Date): OneTimeToken | undefined {
  const { consumed_at: usedAt, expires_at: expiresAt } = row;
  const isKnown = usedAt === null ? expiresAt > now : addSeconds(usedAt, rememberedSeconds) > now;
  if (!isKnown) return undefined;
  return {
    state: usedAt === null ? "live" : "used",
    tokenHash: row.token_hash,
    purpose: row.purpose,
    subjectId: row.subject_id,
    issuedAt: row.created_at,
    email: row.email,
    emailNormalised: row.email_normalised,
  };
}
