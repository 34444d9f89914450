import type { ExpressionBuilder } from "kysely";
import { addSeconds } from "../platform/clock.ts";
import type { Queries } from "../platform/database/database.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { currentRequestId } from "../platform/log.ts";
import type { AuditedCall, AuditEvent } from "./audit.ts";
import { eventTypeOf } from "./event-types.ts";
import { keepingOf, type Entry } from "./keeping.ts";
import { removeNobodys, removeOlder } from "./removals.ts";
import type { SlotOf } from "./slots.ts";
import type { AccountEventsTable, EventQueries } from "./tables.ts";

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

/** The queries on `account_events`. @param slotOf from `createSlots` */
export function createActivityStore(queries: Queries, slotOf: SlotOf) {
  const db = queries.withTables<{ account_events: AccountEventsTable }>();
  return {
    /**
     * Adds events, an id once only. Travels with the next statement or the commit: call it in a transaction. Of those
     * that anyone can cause an account keeps ten an hour, of the others the last thousand.
     */
    async add(call: AuditedCall, entries: readonly Entry[]): Promise<void> {
      for (const entry of entries) {
        const row = toRow(call, entry);
        if (keepingOf(entry.event) === "few") await addFew.later(db, { ...row, slot: slotOf(entry.event, call.now) });
        else {
          await addOnce.later(db, row);
          await trim.later(db, { accountId: row.accountId ?? "" });
        }
      }
    },

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

/** Counts the events of this process. */
let recorded = 0;

const hourSeconds = 3600;
/** How many events of a slot are kept. */
const perSlot = 10;
/** How many events that only its owner can cause an account keeps, and how many are removed at a time. */
const perAccount = 1000;
const trimmedAtOnce = 100;

type NewEvent = Readonly<
  Record<"id" | "type" | "outcome", string> &
    Record<"accountId" | "sessionId" | "reason" | "details" | "address" | "userAgent" | "requestId", string | null> & {
      now: Date;
      ordinal: number;
    }
>;

/** A row about nobody is there for its cost: it says nothing about the caller. */
function toRow({ source, now }: AuditedCall, { id, event, count }: Entry): NewEvent {
  const isAboutNobody = event.accountId === undefined;
  const { address, userAgent } = isAboutNobody ? { address: undefined, userAgent: undefined } : source;
  return {
    id,
    type: event.type,
    outcome: eventTypeOf(event.type).outcome,
    accountId: event.accountId ?? null,
    sessionId: event.sessionId ?? null,
    reason: event.reason?.slice(0, 200) ?? null,
    details: detailsOf(event, count),
    address: address?.slice(0, 64) ?? null,
    userAgent: userAgent?.slice(0, 400) ?? null,
    requestId: currentRequestId()?.slice(0, 64) ?? null,
    now,
    ordinal: (recorded = (recorded + 1) % 2 ** 31),
  };
}

function detailsOf({ provider, clientId, tokenId }: AuditEvent, count: number): string | null {
  const details = JSON.stringify({ provider, client_id: clientId, jti: tokenId, count: count > 1 ? count : undefined });
  return details === "{}" ? null : details;
}

const columns = [
  "id",
  "user_id",
  "session_id",
  "type",
  "outcome",
  "reason",
  "details",
  "address",
  "user_agent",
  "request_id",
  "created_at",
  "ordinal",
] as const;

function newRow(db: EventQueries, param: ParameterOf<NewEvent>) {
  return db
    .selectNoFrom((row) => [
      row.val(param("id")).as("id"),
      row.val(param("accountId")).as("user_id"),
      row.val(param("sessionId")).as("session_id"),
      row.val(param("type")).as("type"),
      row.val(param("outcome")).as("outcome"),
      row.val(param("reason")).as("reason"),
      row.val(param("details")).as("details"),
      row.val(param("address")).as("address"),
      row.val(param("userAgent")).as("user_agent"),
      row.val(param("requestId")).as("request_id"),
      row.val(param("now")).as("created_at"),
      row.val(param("ordinal")).as("ordinal"),
    ])
    .where((row) => row.not(row.exists(db.selectFrom("account_events").select("id").where("id", "=", param("id")))));
}

const addOnce = prepared((db: EventQueries, param: ParameterOf<NewEvent>) =>
  db.insertInto("account_events").columns(columns).expression(newRow(db, param)),
);

const addFew = prepared((db: EventQueries, param: ParameterOf<NewEvent & { slot: Buffer }>) =>
  db
    .insertInto("account_events")
    .columns([...columns, "slot"])
    .expression(
      newRow(db, param)
        .select((row) => row.val(param("slot")).as("slot"))
        .where(
          (query) =>
            query
              .selectFrom("account_events as kept")
              .select((row) => row.fn.countAll<number>().as("count"))
              .where("kept.slot", "=", param("slot")),
          "<",
          perSlot,
        ),
    ),
);

const trim = prepared((db: EventQueries, param: ParameterOf<{ accountId: string }>) =>
  db
    .deleteFrom("account_events")
    .where("id", "in", (query) =>
      query
        .selectFrom("account_events")
        .select("id")
        .where("user_id", "=", param("accountId"))
        .where("slot", "is", null)
        .orderBy("created_at", "desc")
        .orderBy("ordinal", "desc")
        .orderBy("id", "desc")
        .limit(trimmedAtOnce)
        .offset(perAccount),
    ),
);
