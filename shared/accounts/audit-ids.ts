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

const select = prepared((db: UserQueries, param: ParameterOf<{ accountId: string }>) =>
  db.selectFrom("users").select("audit_id as given").where("id", "=", param("accountId")),
);
