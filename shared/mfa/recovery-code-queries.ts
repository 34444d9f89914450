import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { MfaQueries } from "./tables.ts";

/** The queries on `recovery_codes`; part of the store. */
export function createRecoveryCodeQueries(db: MfaQueries) {
  return {
    /** Gives an account these codes, and none besides. Call it in a transaction that holds the account's row. */
    async replace({ accountId, hashes }: { accountId: string; hashes: readonly Buffer[] }, now: Date): Promise<void> {
      await removeAll.later(db, { accountId });
      const rows = hashes.map((hash) => ({ code_hash: hash, user_id: accountId, created_at: now }));
      await db.insertInto("recovery_codes").values(rows).execute();
    },

    /** Uses a code up. @returns false if it is not the account's, or was used: of racing calls one wins */
    async use(code: { accountId: string; codeHash: Buffer }, now: Date): Promise<boolean> {
      return (await use(db, { ...code, now })).length > 0;
    },

    /** How many codes an account has left. */
    async countLeft(accountId: string): Promise<number> {
      const [row] = await countLeft(db, { accountId });
      return row?.count ?? 0;
    },

    /** The codes of an account, used or not, without what could be used. */
    list: (accountId: string) =>
      db
        .selectFrom("recovery_codes")
        .select(["created_at", "used_at"])
        .where("user_id", "=", accountId)
        .orderBy("used_at")
        .execute(),

    /** Ends the codes of an account. Travels with the next statement. */
    removeAll: (accountId: string): Promise<void> => removeAll.later(db, { accountId }),
  };
}

const removeAll = prepared((db: MfaQueries, param: ParameterOf<{ accountId: string }>) =>
  db.deleteFrom("recovery_codes").where("user_id", "=", param("accountId")),
);

const use = prepared((db: MfaQueries, param: ParameterOf<{ accountId: string; codeHash: Buffer; now: Date }>) =>
  db
    .updateTable("recovery_codes")
    .set({ used_at: param("now") })
    .where("code_hash", "=", param("codeHash"))
    .where("user_id", "=", param("accountId"))
    .where("used_at", "is", null)
    .returning("user_id"),
);

const countLeft = prepared((db: MfaQueries, param: ParameterOf<{ accountId: string }>) =>
  db
    .selectFrom("recovery_codes")
    .select((row) => row.fn.countAll<number>().as("count"))
    .where("user_id", "=", param("accountId"))
    .where("used_at", "is", null),
);
