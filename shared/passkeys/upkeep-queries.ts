import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { PasskeyQueries } from "./tables.ts";

/** A passkey of an account. */
export interface PasskeyKey {
  readonly id: string;
  readonly accountId: string;
}

/** A passkey as its owner sees it. */
export interface ListedPasskey {
  readonly id: string;
  readonly credential_id: Buffer;
  readonly transports: readonly string[];
  readonly is_backup_eligible: boolean;
  readonly is_backed_up: boolean;
  readonly aaguid: string;
  readonly name: string | null;
  readonly created_at: Date;
  readonly last_used_at: Date | null;
}

/** How many passkeys an account may have. */
export const mostPasskeys = 20;

/** What people do with the passkeys that they have, and what time does; part of the store. */
export function createUpkeepQueries(db: PasskeyQueries) {
  return {
    /** The passkeys of an account, oldest first. */
    async list(accountId: string): Promise<ListedPasskey[]> {
      const rows = db
        .selectFrom("passkeys")
        .select([
          "id",
          "credential_id",
          "transports",
          "is_backup_eligible",
          "is_backed_up",
          "aaguid",
          "name",
          "created_at",
          "last_used_at",
        ])
        .where("user_id", "=", accountId)
        .orderBy("created_at")
        .orderBy("id");
      return (await rows.execute()).map(({ transports, ...row }) =>
        Object.assign(row, { transports: transports === "" ? [] : transports.split(" ") }),
      );
    },

    /** Whether a passkey is still there. */
    isThere: async (id: string): Promise<boolean> => (await selectOne(db, { id })).length > 0,

    /** Whether an account has a passkey. */
    hasAny: async (accountId: string): Promise<boolean> => (await selectAny(db, { accountId })).length > 0,

    /** Gives a passkey another name. @returns false if there is none */
    async rename({ id, accountId, name }: PasskeyKey & { name: string | null }): Promise<boolean> {
      const renaming = db
        .updateTable("passkeys")
        .set({ name })
        .where("id", "=", id)
        .where("user_id", "=", accountId)
        .returning("id");
      return (await renaming.executeTakeFirst()) !== undefined;
    },

    /** Removes a passkey. @returns undefined if there is none */
    async remove({ id, accountId }: PasskeyKey): Promise<{ name: string | null } | undefined> {
      const removal = db.deleteFrom("passkeys").where("id", "=", id).where("user_id", "=", accountId).returning("name");
      return removal.executeTakeFirst();
    },

    /** Removes the passkeys that an account was given since. @returns how many */
    async removeSince(accountId: string, since: Date): Promise<number> {
      const removal = db.deleteFrom("passkeys").where("user_id", "=", accountId).where("created_at", ">=", since);
      return (await removal.returning("id").execute()).length;
    },

    /** Removes the passkeys of an account, and its user handle. Travels with the next statement. */
    async removeAll(accountId: string): Promise<void> {
      await removePasskeys.later(db, { accountId });
      await removeHandle.later(db, { accountId });
    },

    /** Removes up to `limit` used challenges that expired before `until`. @returns how many */
    async purgeChallenges(limit: number, until: Date): Promise<number> {
      const expired = db
        .selectFrom("used_webauthn_challenges")
        .select("challenge_hash")
        .where("expires_at", "<=", until)
        .orderBy("expires_at")
        .limit(limit);
      const removal = db.deleteFrom("used_webauthn_challenges").where("challenge_hash", "in", expired);
      return (await removal.returning("challenge_hash").execute()).length;
    },
  };
}

const selectOne = prepared((db: PasskeyQueries, param: ParameterOf<{ id: string }>) =>
  db.selectFrom("passkeys").select("id").where("id", "=", param("id")),
);

const selectAny = prepared((db: PasskeyQueries, param: ParameterOf<{ accountId: string }>) =>
  db.selectFrom("passkeys").select("id").where("user_id", "=", param("accountId")).limit(1),
);

const removePasskeys = prepared((db: PasskeyQueries, param: ParameterOf<{ accountId: string }>) =>
  db.deleteFrom("passkeys").where("user_id", "=", param("accountId")),
);

const removeHandle = prepared((db: PasskeyQueries, param: ParameterOf<{ accountId: string }>) =>
  db.deleteFrom("user_handles").where("user_id", "=", param("accountId")),
);
