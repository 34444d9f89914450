import { repeatable } from "../../platform/database/budget.ts";
import type { Queries } from "../../platform/database/database.ts";
import { isDuplicate } from "../../platform/database/errors.ts";
import { prepared, type ParameterOf } from "../../platform/database/prepared.ts";
import type { MailQueries, Tables } from "../tables.ts";

export type SuppressionStore = ReturnType<typeof createSuppressionStore>;

/** The queries on `mail_suppressions`: addresses that mail came back from. All are given in their normalised form. */
export function createSuppressionStore(queries: Queries) {
  const db = queries.withTables<Tables>();
  return {
    /** Stops mail to an address. @returns whether it was not yet stopped */
    async add(address: string, { reason, now }: { reason: string; now: Date }): Promise<boolean> {
      const insert = db.insertInto("mail_suppressions").values({ address, reason, reported_at: now });
      return !(await isDuplicate(repeatable(() => insert.execute())));
    },

    /** Whether mail to an address is stopped. */
    async has(address: string): Promise<boolean> {
      const found = db.selectFrom("mail_suppressions").select("address").where("address", "=", address);
      return (await found.executeTakeFirst()) !== undefined;
    },

    /** Why mail to an address is stopped, and since when; undefined if it is not. */
    async find(address: string) {
      const found = db.selectFrom("mail_suppressions").select(["reason", "reported_at"]).where("address", "=", address);
      return found.executeTakeFirst();
    },

    /** Allows mail to an address again: it was verified anew, or its owner is erased. Travels with the next statement. */
    remove: (address: string): Promise<void> => removeOne.later(db, { address }),

    /** The same for up to a thousand addresses, whose owner is erased. */
    async removeAll(addresses: readonly string[]): Promise<void> {
      if (addresses.length > 0) await db.deleteFrom("mail_suppressions").where("address", "in", addresses).execute();
    },

    /** Allows mail again to up to `limit` addresses that were stopped before `before`. @returns how many */
    async purge(limit: number, before: Date): Promise<number> {
      const old = db.selectFrom("mail_suppressions").select("address").where("reported_at", "<=", before);
      const removal = db
        .deleteFrom("mail_suppressions")
        .where("address", "in", old.orderBy("reported_at").limit(limit))
        .returning("address");
      return (await removal.execute()).length;
    },
  };
}

const removeOne = prepared((db: MailQueries, param: ParameterOf<{ address: string }>) =>
  db.deleteFrom("mail_suppressions").where("address", "=", param("address")),
);
