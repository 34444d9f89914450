import type { ExpressionBuilder } from "kysely";
import type { Queries } from "../platform/database/database.ts";
import type { AuditEventsTable, AuditTables } from "./chain/event-store.ts";
import { createErasureQueries } from "./erasure.ts";
import { keptTypes, typesThatAnyoneCauses } from "./event-types.ts";
import { createFormerEvents } from "./former-events.ts";
import { callerOf, type Caller } from "./personal.ts";
import { createRetentionQueries } from "./retention.ts";
import type { Subjects } from "./subjects.ts";

export type ActivityStore = ReturnType<typeof createActivityStore>;

/** An event as its account's owner sees it. */
export type ActivityEvent = Pick<AuditEventsTable, "id" | "type" | "outcome" | "created_at"> &
  Pick<Caller, "address" | "user_agent">;

/** Which events to read: the first `limit` that are older than the one with the id `after`, newest first. */
export interface ActivityPage {
  readonly after: string | undefined;
  readonly limit: number;
}

/** The queries that read the audit log and remove from it. Only the writer adds to it. */
export function createActivityStore(queries: Queries, { auditIdOf }: Pick<Subjects, "auditIdOf">) {
  const db = queries.withTables<AuditTables>();
  return {
    ...createErasureQueries(db),
    ...createRetentionQueries(db),
    ...createFormerEvents(queries),

    /** An account's events; undefined if `after` is not one of them. */
    async page(accountId: string, { after, limit }: ActivityPage): Promise<ActivityEvent[] | undefined> {
      const subject = (await auditIdOf(queries, accountId)) ?? noSubject;
      const own = db.selectFrom("audit_events").where("subject_id", "=", subject).where("type", "in", keptTypes);
      const find = () =>
        own
          .where("id", "=", after ?? "")
          .select(["chain_id", "seq", "created_at"])
          .executeTakeFirst();
      const last = after === undefined ? undefined : await find();
      if (after !== undefined && !last) return undefined;
      const older = last
        ? own.where("created_at", "<=", last.created_at).where((row) => row.not(isNotBefore(row, last)))
        : own;
      const rows = await older
        .select(["id", "type", "outcome", "personal", "created_at"])
        .orderBy("created_at", "desc")
        .orderBy("chain_id", "desc")
        .orderBy("seq", "desc")
        .limit(limit)
        .execute();
      return rows.map(({ id, type, outcome, personal, created_at }) => {
        const { address, user_agent } = callerOf(personal);
        return { id, type, outcome, address, user_agent, created_at };
      });
    },

    /**
     * What is kept of an account's events, up to `limit`: first those that only its owner can cause, the newest before
     * the older, so that strangers cannot crowd them out.
     */
    async listAll(accountId: string, limit: number) {
      const subject = (await auditIdOf(queries, accountId)) ?? noSubject;
      const isAnyones = (row: ExpressionBuilder<AuditTables, "audit_events">) =>
        row.case().when("type", "in", typesThatAnyoneCauses).then(row.lit(1)).else(row.lit(0)).end();
      const rows = await db
        .selectFrom("audit_events")
        .select(["id", "type", "outcome", "actor", "reason", "details", "personal", "created_at"])
        .where("subject_id", "=", subject)
        .orderBy(isAnyones)
        .orderBy("created_at", "desc")
        .orderBy("chain_id", "desc")
        .orderBy("seq", "desc")
        .limit(limit)
        .execute();
      return rows.map(({ personal, ...row }) => Object.assign(row, callerOf(personal)));
    },
  };
}

/** No account has it. */
const noSubject = "00000000-0000-0000-0000-000000000000";

type Place = Pick<AuditEventsTable, "chain_id" | "seq" | "created_at">;

/** Whether an event of the same instant as `place` is that one, or comes before it in the order of a page. */
function isNotBefore(
  row: ExpressionBuilder<AuditTables, "audit_events">,
  { created_at: at, chain_id: chain, seq }: Place,
) {
  const isLater = row.or([row("chain_id", ">", chain), row.and([row("chain_id", "=", chain), row("seq", ">=", seq)])]);
  return row.and([row("created_at", "=", at), isLater]);
}
