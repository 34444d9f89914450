import { addSeconds } from "../platform/clock.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { placeColumns, type Source } from "../platform/source.ts";
import type { RememberedDevice, RememberTokens } from "./remember-tokens.ts";
import type { MfaQueries } from "./tables.ts";

/** A device to remember. */
export interface NewRememberedDevice extends RememberedDevice {
  readonly id: string;
  readonly tokenHash: Buffer;
  /** Since when the account takes a second factor. */
  readonly mfaSince: Date;
  readonly source: Source;
  readonly seconds: number;
}

/** A device that may be remembered: what it sent, and whose sign-in it is. */
export interface PresentedDevice extends RememberedDevice {
  readonly text: string | undefined;
  readonly mfaSince: Date;
  readonly source: Source;
  /** For how long devices are remembered by now; 0 for not at all. */
  readonly seconds: number;
}

/** The queries on `remembered_devices`; part of the store. */
export function createRememberedDeviceQueries(db: MfaQueries, tokens: RememberTokens) {
  return {
    ...tokens,

    /**
     * Remembers a device, in place of what was remembered of it before. Of an account with too many, the oldest ends.
     * Call it in a transaction that holds the account's row. Travels with the next statement.
     */
    async add({ source, seconds, ...device }: NewRememberedDevice, now: Date): Promise<void> {
      const { accountId, deviceHash } = device;
      await replace.later(db, { accountId, deviceHash });
      await add.later(db, { ...device, ...placeColumns(source), now, expiresAt: addSeconds(now, seconds) });
      await trim.later(db, { accountId });
    },

    /**
     * Whether a device is remembered: one conditional update, and no query at all for a text that is not ours. The
     * account must have the very factors that it had when the device was remembered, whoever else should have ended it.
     * Call it in a transaction that holds the account's row.
     */
    async use({ text, source, seconds, ...device }: PresentedDevice, now: Date): Promise<boolean> {
      const tokenHash = seconds > 0 ? tokens.read(text, device) : undefined;
      if (!tokenHash) return false;
      // A shorter time counts for those that were remembered before, too.
      const since = addSeconds(now, -seconds);
      return (await use(db, { ...device, ...placeColumns(source), tokenHash, since, now })).length > 0;
    },

    /** The remembered devices of an account, oldest first. */
    list: (accountId: string, now: Date) =>
      db
        .selectFrom("remembered_devices")
        .select(["id", "user_agent", "address", "created_at", "last_used_at", "expires_at"])
        .where("user_id", "=", accountId)
        .where("expires_at", ">", now)
        .orderBy("created_at")
        .execute(),

    /** Forgets one device. @returns false if the account has none of this id */
    async remove({ id, accountId }: { id: string; accountId: string }): Promise<boolean> {
      const removal = db.deleteFrom("remembered_devices").where("id", "=", id).where("user_id", "=", accountId);
      return (await removal.returning("id").executeTakeFirst()) !== undefined;
    },

    /** Forgets all devices of an account. Travels with the next statement. */
    endAll: (accountId: string): Promise<void> => endAll.later(db, { accountId }),

    /** Removes up to `limit` that expired before `until`. @returns how many */
    async purge(limit: number, until: Date): Promise<number> {
      const expired = db
        .selectFrom("remembered_devices")
        .select("id")
        .where("expires_at", "<=", until)
        .orderBy("expires_at")
        .limit(limit);
      return (await db.deleteFrom("remembered_devices").where("id", "in", expired).returning("id").execute()).length;
    },
  };
}

/** How many devices of an account are remembered. */
const perAccount = 20;

type Key = { accountId: string; deviceHash: Buffer };

const replace = prepared((db: MfaQueries, param: ParameterOf<Key>) =>
  db
    .deleteFrom("remembered_devices")
    .where("user_id", "=", param("accountId"))
    .where("device_hash", "=", param("deviceHash")),
);

/** How many apps an account has. */
const appsOf = (db: MfaQueries, accountId: string) =>
  db
    .selectFrom("totp_factors")
    .select((each) => each.fn.countAll<number>().as("count"))
    .where("totp_factors.user_id", "=", accountId)
    .where("totp_factors.confirmed_at", "is not", null);

type Place = ReturnType<typeof placeColumns>;
type NewRow = Key & Place & { id: string; tokenHash: Buffer; mfaSince: Date; now: Date; expiresAt: Date };

const add = prepared((db: MfaQueries, param: ParameterOf<NewRow>) =>
  db
    .insertInto("remembered_devices")
    .columns([
      "id",
      "user_id",
      "token_hash",
      "device_hash",
      "mfa_since",
      "app_count",
      "user_agent",
      "address",
      "created_at",
      "last_used_at",
      "expires_at",
    ])
    .expression(
      db.selectNoFrom((row) => [
        row.val(param("id")).as("id"),
        row.val(param("accountId")).as("user_id"),
        row.val(param("tokenHash")).as("token_hash"),
        row.val(param("deviceHash")).as("device_hash"),
        row.val(param("mfaSince")).as("mfa_since"),
        appsOf(db, param("accountId")).as("app_count"),
        row.val(param("user_agent")).as("user_agent"),
        row.val(param("address")).as("address"),
        row.val(param("now")).as("created_at"),
        row.val(param("now")).as("last_used_at"),
        row.val(param("expiresAt")).as("expires_at"),
      ]),
    ),
);

const trim = prepared((db: MfaQueries, param: ParameterOf<{ accountId: string }>) =>
  db
    .deleteFrom("remembered_devices")
    .where("id", "in", (query) =>
      query
        .selectFrom("remembered_devices")
        .select("id")
        .where("user_id", "=", param("accountId"))
        .orderBy("created_at", "desc")
        .orderBy("id", "desc")
        .limit(perAccount)
        .offset(perAccount),
    ),
);

type Use = Key & Place & { tokenHash: Buffer; mfaSince: Date; since: Date; now: Date };

/** Whatever has changed since about the account's factors, the device shows one again. */
const use = prepared((db: MfaQueries, param: ParameterOf<Use>) =>
  db
    .updateTable("remembered_devices")
    .set({ last_used_at: param("now"), user_agent: param("user_agent"), address: param("address") })
    .where("token_hash", "=", param("tokenHash"))
    .where("user_id", "=", param("accountId"))
    .where("device_hash", "=", param("deviceHash"))
    .where("mfa_since", "=", param("mfaSince"))
    .where("created_at", ">", param("since"))
    .where("expires_at", ">", param("now"))
    .where((row) => row("app_count", "=", appsOf(db, param("accountId"))))
    .where((row) => {
      const later = db
        .selectFrom("totp_factors")
        .select("totp_factors.id")
        .where("totp_factors.user_id", "=", param("accountId"))
        .whereRef("totp_factors.confirmed_at", ">", row.ref("remembered_devices.created_at"));
      return row.not(row.exists(later));
    })
    .where((row) => {
      const later = db
        .selectFrom("recovery_codes")
        .select("recovery_codes.user_id")
        .where("recovery_codes.user_id", "=", param("accountId"))
        .whereRef("recovery_codes.created_at", ">", row.ref("remembered_devices.created_at"));
      return row.not(row.exists(later));
    })
    .returning("id"),
);

const endAll = prepared((db: MfaQueries, param: ParameterOf<{ accountId: string }>) =>
  db.deleteFrom("remembered_devices").where("user_id", "=", param("accountId")),
);
