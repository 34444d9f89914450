import { repeatable } from "../platform/database/budget.ts";
import type { Queries } from "../platform/database/database.ts";
import { isDuplicate } from "../platform/database/errors.ts";
import type { AddressRulesTable, Tables } from "./tables.ts";

export type AddressAdministration = ReturnType<typeof createAddressAdministration>;

/**
 * What operators do with `address_rules`. The service itself may only read this table, so an attacker who takes it over
 * cannot let others in.
 */
export function createAddressAdministration(queries: Queries) {
  const db = queries.withTables<Tables>();
  return {
    /** The rules that have not expired, the one that ends first before the others. */
    list: (now: Date): Promise<AddressRulesTable[]> =>
      db.selectFrom("address_rules").selectAll().where("expires_at", ">", now).orderBy("expires_at").execute(),

    /** Makes a rule, in place of the one on the same network. */
    async put(rule: AddressRulesTable): Promise<void> {
      const { network, ...values } = rule;
      const update = db.updateTable("address_rules").set(values).where("network", "=", network).returning("network");
      const replace = async () => (await repeatable(() => update.executeTakeFirst())) !== undefined;
      if (await replace()) return;
      const insert = db.insertInto("address_rules").values(rule);
      if (await isDuplicate(repeatable(() => insert.execute()))) await replace();
    },

    /** Removes the rule on a network. @returns whether there was one */
    async remove(network: string): Promise<boolean> {
      const removal = db.deleteFrom("address_rules").where("network", "=", network).returning("network");
      return (await repeatable(() => removal.executeTakeFirst())) !== undefined;
    },

    /** Removes the rules that have expired. */
    async removeExpired(now: Date): Promise<void> {
      const removal = db.deleteFrom("address_rules").where("expires_at", "<=", now);
      await repeatable(() => removal.execute());
    },
  };
}
