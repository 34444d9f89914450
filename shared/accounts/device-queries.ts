import { sql, type Kysely } from "kysely";
import { addSeconds } from "../platform/clock.ts";
import { newId } from "../platform/crypto/random.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { DevicesTable, UsersTable } from "./tables.ts";

/** A device of an account. */
export interface AccountDevice {
  readonly accountId: string;
  /** See `Device.hash`. */
  readonly deviceHash: Buffer;
}

/** The queries on `devices`; part of the account store. */
export function createDeviceQueries(db: DeviceQueries) {
  return {
    /** Whether a sign-in from this device is to be told to the account's owner (see `isUnknownDevice`), and whether the account knows it. */
    async findDevice(
      { accountId, deviceHash }: AccountDevice,
      now: Date,
    ): Promise<{ isNew: boolean; isKnown: boolean }> {
      const [row] = await selectNew(db, { accountId, deviceHash, lately: latelyOf(now) });
      return { isNew: row?.is_new === 1, isKnown: row?.is_known === 1 };
    },

    /**
     * Writes down that an account is signed in from a device, and forgets those beyond the limit that were seen longest
     * ago. Travels with the next statement: call it in a transaction that holds the account's row.
     */
    async noteDevice(device: AccountDevice, now: Date): Promise<void> {
      await see.later(db, { ...device, now });
      await add.later(db, { id: newId(now), ...device, now });
      await trim.later(db, { accountId: device.accountId });
    },

    /** Removes up to `limit` devices that were not seen since. @returns how many */
    async purgeDevices(limit: number, since: Date): Promise<number> {
      const old = db.selectFrom("devices").select("id").where("last_seen_at", "<=", since);
      const removal = db.deleteFrom("devices").where("id", "in", old.orderBy("last_seen_at").limit(limit));
      return (await removal.returning("id").execute()).length;
    },

    /** When the devices of an account were seen, the one seen longest ago first. */
    listDevices: (accountId: string) =>
      db
        .selectFrom("devices")
        .select(["first_seen_at", "last_seen_at"])
        .where("user_id", "=", accountId)
        .orderBy("last_seen_at")
        .execute(),

    /**
     * Forgets the devices of an account, whose passwords are tried apart from strangers' and which nobody is told of.
     * Travels with the next statement. @param but the hash of one that stays
     */
    forgetDevices: (accountId: string, but: Buffer = noDevice): Promise<void> => forget.later(db, { accountId, but }),
  };
}

export type DeviceQueries = Kysely<{ users: UsersTable; devices: DevicesTable }>;

/** The hash that no device has. */
export const noDevice = Buffer.alloc(32);

/** How many devices of an account are kept. */
const perAccount = 50;
/** How many devices of an account may be seen within an hour before notices stop: a program signs in, and keeps no cookie. */
const noticedAnHour = 10;

/** Since when devices count as seen lately. */
export const latelyOf = (now: Date): Date => addSeconds(now, -3600);

/**
 * 1 for an account of a query on `users` that has signed in before, but not from this device; 0 otherwise, and for an
 * account that a program keeps signing in to.
 */
export function isUnknownDevice(db: DeviceQueries, { deviceHash, lately }: { deviceHash: Buffer; lately: Date }) {
  const known = knownOf(db, deviceHash);
  const seenLately = ownOf(db)
    .select((row) => row.fn.countAll<number>().as("count"))
    .where("last_seen_at", ">", lately);
  return sql<number>`case when ${sql.ref("users.last_login_at")} is null or exists ${known} or ${seenLately} >= ${sql.lit(noticedAnHour)} then 0 else 1 end`;
}

/** 1 for an account of a query on `users` that was signed in to from this device before; 0 otherwise. */
export function isKnownDevice(db: DeviceQueries, { deviceHash }: { deviceHash: Buffer }) {
  return sql<number>`case when exists ${knownOf(db, deviceHash)} then 1 else 0 end`;
}

const ownOf = (db: DeviceQueries) => db.selectFrom("devices").whereRef("devices.user_id", "=", sql.ref("users.id"));

const knownOf = (db: DeviceQueries, deviceHash: Buffer) =>
  ownOf(db).select("devices.user_id").where("device_hash", "=", deviceHash);

const selectNew = prepared(
  (db: DeviceQueries, param: ParameterOf<{ accountId: string; deviceHash: Buffer; lately: Date }>) =>
    db
      .selectFrom("users")
      .select([
        isUnknownDevice(db, { deviceHash: param("deviceHash"), lately: param("lately") }).as("is_new"),
        isKnownDevice(db, { deviceHash: param("deviceHash") }).as("is_known"),
      ])
      .where("users.id", "=", param("accountId")),
);

type Sighting = { accountId: string; deviceHash: Buffer; now: Date };

const see = prepared((db: DeviceQueries, param: ParameterOf<Sighting>) =>
  db
    .updateTable("devices")
    .set({ last_seen_at: param("now") })
    .where("user_id", "=", param("accountId"))
    .where("device_hash", "=", param("deviceHash")),
);

const add = prepared((db: DeviceQueries, param: ParameterOf<Sighting & { id: string }>) =>
  db
    .insertInto("devices")
    .columns(["id", "user_id", "device_hash", "first_seen_at", "last_seen_at"])
    .expression(
      db
        .selectNoFrom((row) => [
          row.val(param("id")).as("id"),
          row.val(param("accountId")).as("user_id"),
          row.val(param("deviceHash")).as("device_hash"),
          row.val(param("now")).as("first_seen_at"),
          row.val(param("now")).as("last_seen_at"),
        ])
        .where((row) => {
          const known = db.selectFrom("devices").select("user_id").where("user_id", "=", param("accountId"));
          return row.not(row.exists(known.where("device_hash", "=", param("deviceHash"))));
        }),
    ),
);

const trim = prepared((db: DeviceQueries, param: ParameterOf<{ accountId: string }>) =>
  db
    .deleteFrom("devices")
    .where("id", "in", (query) =>
      query
        .selectFrom("devices")
        .select("id")
        .where("user_id", "=", param("accountId"))
        .orderBy("last_seen_at", "desc")
        .orderBy("id", "desc")
        .limit(perAccount)
        .offset(perAccount),
    ),
);

const forget = prepared((db: DeviceQueries, param: ParameterOf<{ accountId: string; but: Buffer }>) =>
  db.deleteFrom("devices").where("user_id", "=", param("accountId")).where("device_hash", "<>", param("but")),
);
