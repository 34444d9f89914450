import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { ChallengePurpose, MfaQueries } from "./tables.ts";

type NewRow = {
  tokenHash: Buffer;
  accountId: string;
  purpose: ChallengePurpose;
  deviceHash: Buffer;
  isDeviceKnown: boolean;
  authenticatedAt: Date;
  amr: string;
  provider: string | null;
  none: string;
  now: Date;
  expiresAt: Date;
};

/** Adds a challenge; the condition is for a transaction that runs again. */
export const add = prepared((db: MfaQueries, param: ParameterOf<NewRow>) =>
  db
    .insertInto("mfa_challenges")
    .columns([
      "token_hash",
      "user_id",
      "purpose",
      "device_hash",
      "is_device_known",
      "authenticated_at",
      "amr",
      "provider",
      "tries",
      "try_id",
      "created_at",
      "expires_at",
    ])
    .expression(
      db
        .selectNoFrom((row) => [
          row.val(param("tokenHash")).as("token_hash"),
          row.val(param("accountId")).as("user_id"),
          row.val(param("purpose")).as("purpose"),
          row.val(param("deviceHash")).as("device_hash"),
          row.val(param("isDeviceKnown")).as("is_device_known"),
          row.val(param("authenticatedAt")).as("authenticated_at"),
          row.val(param("amr")).as("amr"),
          row.val(param("provider")).as("provider"),
          row.lit<number>(0).as("tries"),
          row.val(param("none")).as("try_id"),
          row.val(param("now")).as("created_at"),
          row.val(param("expiresAt")).as("expires_at"),
        ])
        .where((row) => {
          const known = db.selectFrom("mfa_challenges").select("user_id").where("token_hash", "=", param("tokenHash"));
          return row.not(row.exists(known));
        }),
    ),
);

/** How many challenges of a device at an account are kept. */
const perDevice = 5;
/** How many of all devices that an account does not know: whoever has its first factor can make more, but fills no database. */
const ofStrangers = 50;

/** Ends the oldest challenges of a device with too many. */
export const trimDevice = prepared((db: MfaQueries, param: ParameterOf<{ accountId: string; deviceHash: Buffer }>) =>
  db
    .deleteFrom("mfa_challenges")
    .where("token_hash", "in", () =>
      newestFirst(db, param("accountId"))
        .where("device_hash", "=", param("deviceHash"))
        .limit(ofStrangers)
        .offset(perDevice),
    ),
);

/** Ends the oldest challenges of devices that the account does not know, if they have too many. */
export const trimStrangers = prepared((db: MfaQueries, param: ParameterOf<{ accountId: string }>) =>
  db
    .deleteFrom("mfa_challenges")
    .where("token_hash", "in", () =>
      newestFirst(db, param("accountId")).where("is_device_known", "=", false).limit(ofStrangers).offset(ofStrangers),
    ),
);

const newestFirst = (db: MfaQueries, accountId: ReturnType<ParameterOf<{ accountId: string }>>) =>
  db
    .selectFrom("mfa_challenges")
    .select("token_hash")
    .where("user_id", "=", accountId)
    .orderBy("created_at", "desc")
    .orderBy("token_hash", "desc");

type Try = { tokenHash: Buffer; purpose: ChallengePurpose; deviceHash: Buffer; tryId: string; now: Date; most: number };

/** The one update that admits a try. */
export const countTry = prepared((db: MfaQueries, param: ParameterOf<Try>) =>
  db
    .updateTable("mfa_challenges")
    .set((row) => ({ tries: row("tries", "+", 1), try_id: param("tryId") }))
    .where("token_hash", "=", param("tokenHash"))
    .where("purpose", "=", param("purpose"))
    .where("device_hash", "=", param("deviceHash"))
    .where("used_at", "is", null)
    .where("expires_at", ">", param("now"))
    .where("tries", "<", param("most"))
    .where("try_id", "<>", param("tryId")),
);

/** A challenge that may still be met. */
export const selectLive = prepared((db: MfaQueries, param: ParameterOf<Omit<Try, "tryId">>) =>
  db
    .selectFrom("mfa_challenges")
    .select([
      "token_hash",
      "user_id",
      "purpose",
      "device_hash",
      "is_device_known",
      "authenticated_at",
      "amr",
      "provider",
    ])
    .where("token_hash", "=", param("tokenHash"))
    .where("purpose", "=", param("purpose"))
    .where("device_hash", "=", param("deviceHash"))
    .where("used_at", "is", null)
    .where("expires_at", ">", param("now"))
    .where("tries", "<", param("most")),
);

/** A challenge, once with each authenticator app of its account, or once without; nothing unless this try was admitted. */
export const readTried = prepared((db: MfaQueries, param: ParameterOf<{ tokenHash: Buffer; tryId: string }>) =>
  db
    .selectFrom("mfa_challenges")
    .leftJoin("totp_factors as factor", (join) =>
      join.onRef("factor.user_id", "=", "mfa_challenges.user_id").on("factor.confirmed_at", "is not", null),
    )
    .select([
      "mfa_challenges.token_hash",
      "mfa_challenges.user_id",
      "mfa_challenges.purpose",
      "mfa_challenges.device_hash",
      "mfa_challenges.is_device_known",
      "mfa_challenges.authenticated_at",
      "mfa_challenges.amr",
      "mfa_challenges.provider",
      "mfa_challenges.email_code_hash",
      "factor.id as factor_id",
      "factor.sealed_secret",
    ])
    .where("mfa_challenges.token_hash", "=", param("tokenHash"))
    .where("mfa_challenges.try_id", "=", param("tryId")),
);

/** Takes a try back. */
export const giveBackTry = prepared((db: MfaQueries, param: ParameterOf<{ tokenHash: Buffer }>) =>
  db
    .updateTable("mfa_challenges")
    .set((row) => ({ tries: row("tries", "-", 1) }))
    .where("token_hash", "=", param("tokenHash"))
    .where("tries", ">", 0),
);

/** The one update that decides who uses a challenge. */
export const use = prepared((db: MfaQueries, param: ParameterOf<{ tokenHash: Buffer; now: Date }>) =>
  db
    .updateTable("mfa_challenges")
    .set({ used_at: param("now") })
    .where("token_hash", "=", param("tokenHash"))
    .where("used_at", "is", null)
    .where("expires_at", ">", param("now"))
    .returning("user_id"),
);

/** Ends the challenges of an account. */
export const endAll = prepared((db: MfaQueries, param: ParameterOf<{ accountId: string }>) =>
  db.deleteFrom("mfa_challenges").where("user_id", "=", param("accountId")),
);
