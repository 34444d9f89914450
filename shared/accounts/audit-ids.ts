import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { repeatable } from "../platform/database/budget.ts";
import type { Queries } from "../platform/database/database.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { UserQueries, UsersTable } from "./tables.ts";

/**
 * Reads by which id the audit log names an account. A row of an older release has none, and gets the candidate: of calls
 * at once, one update decides.
 * @returns undefined if the account is gone
 */
export async function giveAuditId(
  queries: Queries,
  { accountId, candidate }: { readonly accountId: string; readonly candidate: string },
): Promise<string | undefined> {
  const db = queries.withTables<{ users: UsersTable }>();
  const [row] = await select(db, { accountId });
  if (!row || row.given !== null) return row?.given ?? undefined;
  const give = db.updateTable("users").set({ audit_id: candidate });
  await repeatable(() => give.where("id", "=", accountId).where("audit_id", "is", null).execute());
  return (await select(db, { accountId }))[0]?.given ?? undefined;
}

/**
 * Gives an audit id to up to `limit` accounts of an older release, in one statement. One that gets its own at the same time
 * keeps that.
 * @returns how many had none
 */
export async function giveAuditIds(db: UserQueries, limit: number): Promise<number> {
  const those = db.selectFrom("users").select("id").where("audit_id", "is", null).where("id", ">", beforeAll);
  const without = await those.orderBy("id").limit(limit).execute();
  if (without.length === 0) return 0;
  const rows = without.map(({ id }) => sql`select ${id} as id, ${randomUUID()} as drawn_id`);
  const drawn = sql<{ id: string; drawn_id: string }>`(${sql.join(rows, sql` union all `)})`.as<"draws">(sql`draws`);
  await db
    .updateTable("users")
    .from(drawn)
    .set((row) => ({ audit_id: row.ref("draws.drawn_id") }))
    .whereRef("users.id", "=", "draws.id")
    .where("users.audit_id", "is", null)
    .execute();
  return without.length;
}

/** Whether an account has this audit id. */
export async function isAuditIdOfAny(db: UserQueries, auditId: string): Promise<boolean> {
  const account = db.selectFrom("users").select("id as owner").where("audit_id", "=", auditId);
  return (await account.executeTakeFirst()) !== undefined;
}

/** Smaller than any account's id. */
const beforeAll = "00000000-0000-0000-0000-000000000000";

const select = prepared((db: UserQueries, param: ParameterOf<{ accountId: string }>) =>
  db.selectFrom("users").select("audit_id as given").where("id", "=", param("accountId")),
);
