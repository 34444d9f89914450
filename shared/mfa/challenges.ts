import { hash } from "node:crypto";
import { addSeconds } from "../platform/clock.ts";
import {
  add,
  countTry,
  endAll,
  giveBackTry,
  readTried,
  selectLive,
  trimDevice,
  trimStrangers,
  use,
} from "./challenge-queries.ts";
import type { ChallengePurpose, MfaChallengesTable, MfaQueries } from "./tables.ts";
import type { TotpFactor } from "./totp-queries.ts";

/** What the first factor was, and whose. */
export interface FirstFactor {
  readonly accountId: string;
  /** See `Device.hash`. */
  readonly deviceHash: Buffer;
  /** Whether the account knew the device: it was signed in to from there before. */
  readonly isDeviceKnown: boolean;
  readonly authenticatedAt: Date;
  /** Values of RFC 8176. */
  readonly methods: readonly string[];
  /** The provider that was the first factor, if one was. */
  readonly provider: string | undefined;
}

/** A challenge to issue. */
export interface NewChallenge extends FirstFactor {
  readonly purpose: ChallengePurpose;
  /** The `mfa_token`, from `randomToken`. Make it outside the transaction. */
  readonly token: string;
}

/** A challenge that may still be met. */
export interface Challenge extends FirstFactor {
  readonly tokenHash: Buffer;
  readonly purpose: ChallengePurpose;
  /** The code that was mailed last, under a keyed hash. */
  readonly emailCodeHash?: Buffer | undefined;
}

/** A try at a challenge: who presents its token. */
export interface ChallengeTry {
  readonly token: string;
  readonly purpose: ChallengePurpose;
  readonly deviceHash: Buffer;
  /** A new id: with the same one, a try is counted once. */
  readonly tryId: string;
}

/** How long a person may take to show the second factor, or to install an app and enrol it. */
export const challengeSeconds = { sign_in: 5 * 60, enrolment: 15 * 60 } as const satisfies Record<
  ChallengePurpose,
  number
>;

/** How many wrong codes end a challenge. */
export const mostTries = 5;

/** The queries on `mfa_challenges`; part of the store. */
export function createChallengeQueries(db: MfaQueries) {
  return {
    /**
     * Issues a challenge. Of a device with too many at the account the oldest ends, and of the devices that the account does
     * not know taken together: whoever has the first factor ends none of the owner's. A second run with the same token
     * changes nothing. Travels with the next statement.
     */
    async issue({ token, methods, provider, ...challenge }: NewChallenge, now: Date): Promise<void> {
      const expiresAt = addSeconds(now, challengeSeconds[challenge.purpose]);
      const row = {
        ...challenge,
        tokenHash: hashOf(token),
        amr: methods.join(" "),
        provider: provider ?? null,
        now,
        expiresAt,
        none,
      };
      await add.later(db, row);
      await trimDevice.later(db, challenge);
      await trimStrangers.later(db, challenge);
    },

    /** A challenge that may still be met, without counting a try. */
    async find({ token, purpose, deviceHash }: Omit<ChallengeTry, "tryId">, now: Date): Promise<Challenge | undefined> {
      const [row] = await selectLive(db, { tokenHash: hashOf(token), purpose, deviceHash, now, most: mostTries });
      return row && toChallenge(row);
    },

    /**
     * Counts a try at a challenge, before any code is looked at, and reads the account's authenticator apps along. Ends its
     * transaction, and runs in one message.
     * @returns undefined if the token is unknown, of another device or purpose, used, expired, or was tried too often
     */
    async countTry(
      attempt: ChallengeTry,
      now: Date,
    ): Promise<{ challenge: Challenge; factors: TotpFactor[] } | undefined> {
      const { token, purpose, deviceHash, tryId } = attempt;
      const tokenHash = hashOf(token);
      await countTry.later(db, { tokenHash, purpose, deviceHash, tryId, now, most: mostTries });
      const rows = await readTried.last(db, { tokenHash, tryId });
      const [first] = rows;
      return first && { challenge: toChallenge(first), factors: rows.flatMap(toFactor) };
    },

    /**
     * Takes back a try whose code was not looked at. If the answer is lost, do not call it again: each time too many would
     * be a guess more.
     */
    async giveBackTry({ tokenHash }: Challenge): Promise<void> {
      await giveBackTry(db, { tokenHash });
    },

    /** Uses a challenge up. @returns false if it was used or has ended: of racing calls one wins */
    async use({ tokenHash }: Challenge, now: Date): Promise<boolean> {
      return (await use(db, { tokenHash, now })).length > 0;
    },

    /** Ends the challenges of an account: its first factor has changed. Travels with the next statement. */
    endAll: (accountId: string): Promise<void> => endAll.later(db, { accountId }),

    /** Removes up to `limit` challenges that expired before `until`. @returns how many */
    async purge(limit: number, until: Date): Promise<number> {
      const expired = db
        .selectFrom("mfa_challenges")
        .select("token_hash")
        .where("expires_at", "<=", until)
        .orderBy("expires_at")
        .limit(limit);
      const removal = db.deleteFrom("mfa_challenges").where("token_hash", "in", expired).returning("token_hash");
      return (await removal.execute()).length;
    },
  };
}

/** The SHA-256 of the token's text as sent: another spelling of the same bits is unknown. */
const hashOf = (token: string): Buffer => hash("sha256", token, "buffer");

/** No try has this id: ours are UUIDs of version 8. */
const none = "00000000-0000-0000-0000-000000000000";

type Row = Pick<
  MfaChallengesTable,
  "token_hash" | "user_id" | "purpose" | "device_hash" | "is_device_known" | "authenticated_at" | "amr" | "provider"
> & { email_code_hash?: Buffer | null };

function toChallenge(row: Row): Challenge {
  return {
    tokenHash: row.token_hash,
    accountId: row.user_id,
    purpose: row.purpose,
    deviceHash: row.device_hash,
    isDeviceKnown: row.is_device_known,
    authenticatedAt: row.authenticated_at,
    methods: row.amr === "" ? [] : row.amr.split(" "),
    provider: row.provider ?? undefined,
    emailCodeHash: row.email_code_hash ?? undefined,
  };
}

function toFactor({
  factor_id: id,
  sealed_secret: sealed,
}: {
  factor_id: string | null;
  sealed_secret: Buffer | null;
}): TotpFactor[] {
  return id === null || sealed === null ? [] : [{ id, sealed_secret: sealed }];
}
