import type { ExpressionBuilder } from "kysely";
import { addSeconds } from "../platform/clock.ts";
import type { Queries } from "../platform/database/database.ts";
import { removeNobodys, removeOlder } from "./removals.ts";
import type { AccountEventsTable } from "./tables.ts";

export type ActivityStore = ReturnType<typeof createActivityStore>;

/** An event as its account's owner sees it. */
export type ActivityEvent = Pick<
  AccountEventsTable,
  "id" | "type" | "outcome" | "address" | "user_agent" | "created_at"
>;

/** Which events to read: the first `limit` that are older than the one with the id `after`, newest first. */
export interface ActivityPage {
  readonly after: string | undefined;
  readonly limit: number;
}

/** The queries on `account_events`. */
export function createActivityStore(queries: Queries) {
  const db = queries.withTables<{ account_events: AccountEventsTable }>();
  return {
    /** An account's events; undefined if `after` is not one of them. */
    async page(accountId: string, { after, limit }: ActivityPage): Promise<ActivityEvent[] | undefined> {
      const own = db.selectFrom("account_events").where("user_id", "=", accountId);
      const find = () =>
        own
          .where("id", "=", after ?? "")
          .select(["id", "created_at", "ordinal"])
          .executeTakeFirst();
      const last = after === undefined ? undefined : await find();
      if (after !== undefined && !last) return undefined;
      const older = last
        ? own.where("created_at", "<=", last.created_at).where((row) => row.not(isNotBefore(row, last)))
        : own;
      return older
        .select(["id", "type", "outcome", "address", "user_agent", "created_at"])
        .orderBy("created_at", "desc")
        .orderBy("ordinal", "desc")
        .orderBy("id", "desc")
        .limit(limit)
        .execute();
    },

    /**
     * Removes events from before an instant, and those about nobody as soon as their slots are over.
     * @param limit the most to remove of each
     * @returns how many
     */
    async purge(limit: number, { before, now }: { before: Date; now: Date }): Promise<number> {
      return (
        (await removeOlder(db, { limit, before })) +
        (await removeNobodys(db, { limit, before: addSeconds(now, -hourSeconds) }))
      );
    },

    /**
     * What is kept of an account's events, up to `limit`: first those that only its owner can cause, the newest before
     * the older, so that strangers cannot crowd them out.
     */
    async listAll(accountId: string, limit: number) {
      return db
        .selectFrom("account_events")
        .select(["id", "type", "outcome", "session_id", "reason", "details"])
        .select(["address", "user_agent", "request_id", "created_at"])
        .where("user_id", "=", accountId)
        .orderBy((row) => row.case().when("slot", "is", null).then(row.lit(0)).else(row.lit(1)).end())
        .orderBy("created_at", "desc")
        .orderBy("ordinal", "desc")
        .limit(limit)
        .execute();
    },

    /**
     * Takes the person out of up to `limit` events of an account that is erased: what happened stays, and when.
     * @returns how many
     */
    async erase(accountId: string, limit: number): Promise<number> {
      const some = db.selectFrom("account_events").select("id").where("user_id", "=", accountId).limit(limit);
      const unnamed = db.updateTable("account_events").set(nobody).where("id", "in", some).returning("id");
      return (await unnamed.execute()).length;
    },
  };
}

/** An event without its person, and without what leads to one. */
const nobody = { user_id: null, session_id: null, details: null, address: null, user_agent: null, request_id: null };

type Place = Pick<AccountEventsTable, "id" | "created_at" | "ordinal">;

/** Whether an event of the same instant as `place` is that one, or newer. */
function isNotBefore(
  row: ExpressionBuilder<{ account_events: AccountEventsTable }, "account_events">,
  { created_at: at, ordinal, id }: Place,
) {
  const isLater = row.or([row("ordinal", ">", ordinal), row.and([row("ordinal", "=", ordinal), row("id", ">=", id)])]);
  return row.and([row("created_at", "=", at), isLater]);
}

const hourSeconds = 3600;
