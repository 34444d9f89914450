import type { Kysely } from "kysely";
import type { Queries } from "../platform/database/database.ts";
import { quotedBytes } from "../platform/database/quoted-bytes.ts";
import { recordColumns } from "./chain/event-store.ts";

/** A row of `audit_events` as it is stored, with `quotedBytes`. Whoever verifies it takes nothing about it for granted. */
export interface StoredEvent extends Readonly<Record<(typeof recordColumns)[number], unknown>> {
  /** `created_at`: on SQLite the text that is stored, so that another spelling of the instant is seen. */
  readonly time: unknown;
}

/** A row of `audit_anchors`, with anything that somebody may have written there. */
export interface StoredAnchor {
  number: number;
  anchored_at: Date;
  jws: unknown;
}

/** Which events to read. */
export interface EventChoice {
  /** Those from this instant on. */
  readonly from?: Date | undefined;
  /** Those before this instant. */
  readonly to?: Date | undefined;
  readonly type?: string | undefined;
  /** An audit id: those that happened to the account, or that its owner caused. */
  readonly account?: string | undefined;
  /** The id of a client, a UUID: what it did, and what was done to it. */
  readonly client?: string | undefined;
}

export type AuditAdministration = ReturnType<typeof createAuditAdministration>;

/** What operators read of the audit log: all of it, page by page. */
export function createAuditAdministration(queries: Queries, pageSize = 2000) {
  const db = queries.withTables<AdministeredTables>();
  return {
    /** All events, chain by chain: each chain's from its first to its last, however many are added meanwhile. */
    async *byChain(): AsyncGenerator<readonly StoredEvent[]> {
      const inOrder = events(db).orderBy("chain_id").orderBy("seq").limit(pageSize);
      for (let page = await inOrder.execute(); page.length > 0;) {
        yield page;
        const { chain_id: chain, seq } = placeOf(page.at(-1));
        // A page that is not full has ended the last chain as well.
        const rest =
          page.length < pageSize ? [] : await inOrder.where("chain_id", "=", chain).where("seq", ">", seq).execute();
        page = rest.length > 0 ? rest : await inOrder.where("chain_id", ">", chain).execute();
      }
    },

    /** Events by time, then by chain as the engine sorts it, then by `seq`. */
    async *byTime(choice: EventChoice): AsyncGenerator<readonly StoredEvent[]> {
      const inOrder = sorted(choose(events(db), choice), "asc").limit(pageSize);
      for (let page = await inOrder.execute(); page.length > 0;) {
        yield page;
        if (page.length < pageSize) return;
        page = await after(inOrder, placeOf(page.at(-1))).execute();
      }
    },

    /** The same in one statement, so that none is missing of which a later one of its chain is there. */
    atOnce: (choice: EventChoice): Promise<readonly StoredEvent[]> =>
      sorted(choose(events(db), choice), "asc").execute(),

    /** The newest events, newest first. */
    newest: (choice: EventChoice, limit: number): Promise<readonly StoredEvent[]> =>
      sorted(choose(events(db), choice), "desc")
        .limit(limit)
        .execute(),

    /** All anchors in the order of their numbers. */
    async *anchors(): AsyncGenerator<StoredAnchor> {
      const inOrder = db
        .selectFrom("audit_anchors")
        .select(["number", "anchored_at", "jws"])
        .orderBy("number")
        .limit(100);
      for (let page = await inOrder.execute(); page.length > 0;) {
        yield* page;
        page = await inOrder.where("number", ">", page.at(-1)?.number ?? 0).execute();
      }
    },
  };
}

interface EventsTable extends Record<(typeof recordColumns)[number], unknown> {
  chain_id: string;
  seq: number;
  type: string;
  actor_id: string | null;
  subject_id: string | null;
  details: string | null;
  created_at: Date;
}

type AdministeredTables = { audit_events: EventsTable; audit_anchors: StoredAnchor };

function events(db: Kysely<AdministeredTables>) {
  // The engine's driver reads a column of instants as a Date, and this as it is.
  return db
    .selectFrom("audit_events")
    .select(textColumns)
    .select(byteColumns.map((name) => quotedBytes(name)))
    .select(({ fn }) => fn.coalesce("created_at", "created_at").as("time"));
}

const byteColumns = ["personal_salt", "personal_digest", "prev_hash", "hash"] as const;
const textColumns = recordColumns.filter((name) => !byteColumns.some((found) => found === name));

type EventsQuery = ReturnType<typeof events>;

function choose(query: EventsQuery, { from, to, type, account, client }: EventChoice): EventsQuery {
  let chosen = query;
  if (from) chosen = chosen.where("created_at", ">=", from);
  if (to) chosen = chosen.where("created_at", "<", to);
  if (type !== undefined) chosen = chosen.where("type", "=", type);
  if (account !== undefined)
    chosen = chosen.where((row) => row.or([row("subject_id", "=", account), row("actor_id", "=", account)]));
  // Within JSON, no text of anyone has an unescaped quote.
  if (client !== undefined)
    chosen = chosen.where((row) =>
      row.or([row("actor_id", "=", client), row("details", "like", `%"client_id":"${client}"%`)]),
    );
  return chosen;
}

const sorted = (query: EventsQuery, direction: "asc" | "desc") =>
  query.orderBy("created_at", direction).orderBy("chain_id", direction).orderBy("seq", direction);

/** What comes after a row, by time. */
function after(query: EventsQuery, last: StoredPlace): EventsQuery {
  return query.where("created_at", ">=", last.time).where((row) => {
    const isInOrNotAfter = row.or([
      row("chain_id", "<", last.chain_id),
      row.and([row("chain_id", "=", last.chain_id), row("seq", "<=", last.seq)]),
    ]);
    return row.not(row.and([row("created_at", "=", last.time), isInOrNotAfter]));
  });
}

/** The members of a row by which the next page is found. */
interface StoredPlace {
  readonly chain_id: string;
  readonly seq: number;
  readonly time: Date;
}

const placeOf = (row: StoredEvent | undefined) => row as unknown as StoredPlace;
