import { writeLines, type AuditedCall, type AuditEvent } from "./audit/audit.ts";
import { entriesOf, keepingOf, type Entry } from "./audit/keeping.ts";
import { createTrail, type Keep } from "./audit/trail.ts";
import { type Mail } from "./mail/mail.ts";
import type { OutgoingMail } from "./mail/message.ts";
import { newId } from "./platform/crypto/random.ts";
import { type Database, type Queries, type TransactionOptions } from "./platform/database/database.ts";
import type { Stores, Transaction } from "./stores.ts";

/** What a change is recorded as, if that depends on its result. */
export interface Found<T> {
  readonly kept: readonly AuditEvent[];
  readonly lines: (result: T) => readonly AuditEvent[];
}

/** The two ways to change something; both record it. */
export interface Changes {
  /**
   * Runs `work` in one transaction of a call. To keep a change although the answer is an error, return the outcome and
   * throw afterwards. Inside, use only `tx`: the services' own stores would wait for this transaction to end.
   */
  transaction<T>(call: AuditedCall, work: (tx: Transaction) => Promise<T>, options?: TransactionOptions): Promise<T>;
  /**
   * Makes a change that is a single statement, repeatable, and records it. A plain event is recorded if the change took
   * effect, that is unless `work` returns undefined or false. If the lines depend on the result, `kept` says beforehand
   * what the account's activity shows: its rows travel with the statement.
   */
  change<T>(call: AuditedCall, work: (stores: Stores) => Promise<T>, recorded: AuditEvent | Found<T>): Promise<T>;
}

export interface Recording {
  readonly database: Database;
  readonly stores: Stores;
  readonly storesOn: (queries: Queries) => Stores;
  readonly mail: Mail;
}

/** @returns the two ways, on this database */
export function createChanges(recording: Recording): Changes {
  const { database, stores, storesOn, mail } = recording;
  const transaction: Changes["transaction"] = async (call, work, options) => {
    const trail = createTrail(() => newId(call.now));
    let posted: string[] = [];
    const result = await database.transaction((queries, run) => {
      const ids: string[] = (posted = []);
      const tx = storesOn(queries);
      const post = (letter: OutgoingMail, now: Date) => {
        ids.push(letter.id);
        return tx.outbox.add(letter, now);
      };
      const keep: Keep = (events, eventIds) => tx.activity.add(call, entriesOf(events, eventIds));
      return work({ ...tx, audit: trail.startRun(run, keep), mail: { post } });
    }, options);
    writeLines(call, trail.events());
    await mail.hurry(posted);
    return result;
  };
  return {
    transaction,
    async change(call, work, recorded) {
      if ("lines" in recorded) {
        const result = await keepAlong(recording, { call, work, kept: recorded.kept });
        writeLines(call, recorded.lines(result));
        return result;
      }
      const tookEffect = (result: unknown) => result !== undefined && result !== false;
      if (keepingOf(recorded) === "none") {
        const result = await work(stores);
        if (tookEffect(result)) writeLines(call, [recorded]);
        return result;
      }
      const recordIfChanged = async (tx: Transaction) => {
        const result = await work(tx);
        if (tookEffect(result)) await tx.audit.append(recorded);
        return result;
      };
      return transaction(call, recordIfChanged, { isRepeatable: true });
    },
  };
}

/** Makes a change together with the rows of what it will have been. */
function keepAlong<T>(
  { database, stores, storesOn }: Recording,
  { call, work, kept }: { call: AuditedCall; work: (stores: Stores) => Promise<T>; kept: readonly AuditEvent[] },
): Promise<T> {
  const entries = newEntries(call, kept);
  if (entries.length === 0) return work(stores);
  return database.transaction(
    async (queries) => {
      const tx = storesOn(queries);
      await tx.activity.add(call, entries);
      return work(tx);
    },
    { isRepeatable: true },
  );
}

/** Adds the rows of events that change nothing else, in one message. */
export async function keepAlone(
  { database, storesOn }: Pick<Recording, "database" | "storesOn">,
  call: AuditedCall,
  events: readonly AuditEvent[],
): Promise<void> {
  const entries = newEntries(call, events);
  if (entries.length === 0) return;
  const keep = (queries: Queries) => storesOn(queries).activity.add(call, entries);
  await database.transaction(keep, { isRepeatable: true });
}

function newEntries({ now }: AuditedCall, events: readonly AuditEvent[]): Entry[] {
  return entriesOf(
    events,
    events.map(() => newId(now)),
  );
}
