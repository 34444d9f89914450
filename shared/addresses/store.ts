import type { Queries } from "../platform/database/database.ts";
import { parseNetwork } from "../platform/network.ts";
import type { Rule } from "./rules.ts";
import type { Tables } from "./tables.ts";

export type AddressRuleStore = ReturnType<typeof createAddressRuleStore>;

/** The service's query on `address_rules`, a table that it cannot write. */
export function createAddressRuleStore(queries: Queries) {
  const db = queries.withTables<Tables>();
  return {
    /** The rules that operators made and that have not expired. @throws ApiError DATABASE_UNAVAILABLE */
    async unexpired(now: Date): Promise<Rule[]> {
      const rows = await db
        .selectFrom("address_rules")
        .select(["network", "verdict", "expires_at"])
        .where("expires_at", ">", now)
        .execute();
      return rows.map(({ network, verdict, expires_at: expiresAt }) => {
        const parsed = parseNetwork(network);
        if (!parsed) throw new Error("a row of address_rules names no network: remove it, or repair it");
        return { network: parsed, verdict, expiresAt };
      });
    },
  };
}
