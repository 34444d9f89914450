import type { ActivityStore } from "./audit/activity.ts";
import { createAudit, writeLines, type Audit, type AuditedCall, type AuditEvent } from "./audit/audit.ts";
import { entriesOf, keepingOf, type Entry } from "./audit/keeping.ts";
import { createTrail, type Keep, type TransactionAudit } from "./audit/trail.ts";
import type { Mail } from "./mail/mail.ts";
import type { OutgoingMail } from "./mail/message.ts";
import type { Outbox } from "./mail/outbox.ts";
import { newId } from "./platform/crypto/random.ts";
import type { Database, Queries, TransactionOptions } from "./platform/database/database.ts";

/** The stores that a change is recorded with. */
interface RecordingStores {
  readonly activity: ActivityStore;
  readonly outbox: Outbox;
}

/** What a transaction can use besides stores. */
export interface Recorders {
  readonly audit: TransactionAudit;
  readonly mail: {
    /** Writes a mail, which is sent after the commit; an id once only. @param mail with an id made outside */
    post(mail: OutgoingMail, now: Date): Promise<void>;
  };
}

/** The ways to change something, each of which records it, and the way to record what changes nothing. */
export interface Changes<Stores> {
  readonly audit: Audit;
  /**
   * Runs `work` in one transaction of a call. To keep a change although the answer is an error, return the outcome and
   * throw afterwards. Inside, use only `tx`: the services' own stores would wait for this transaction to end.
   */
  transaction<T>(
    call: AuditedCall,
    work: (tx: Stores & Recorders) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
  /**
   * Makes a change that is a single statement, repeatable, and records it. A plain event is recorded if the change took
   * effect, that is unless `work` returns undefined or false. If the lines depend on the result, `kept` says beforehand
   * what the account's activity shows: its rows travel with the statement.
   */
  change<T>(call: AuditedCall, work: (stores: Stores) => Promise<T>, recorded: AuditEvent | Found<T>): Promise<T>;
}

/** What a change is recorded as, if that depends on its result. */
export interface Found<T> {
  readonly kept: readonly AuditEvent[];
  readonly lines: (result: T) => readonly AuditEvent[];
}

interface Recording<Stores> {
  readonly database: Database;
  readonly stores: Stores;
  readonly storesOn: (queries: Queries) => Stores;
  readonly mail: Mail;
}

export function createChanges<Stores extends RecordingStores>(recording: Recording<Stores>): Changes<Stores> {
  const { stores } = recording;
  return {
    audit: createAudit((call, events) => keepAlone(recording, call, events)),
    transaction: (call, work, options) => transact(recording, { call, work }, options),
    async change(call, work, recorded) {
      if ("lines" in recorded) {
        const result = await keepAlong(recording, { call, work, kept: recorded.kept });
        writeLines(call, recorded.lines(result));
        return result;
      }
      if (keepingOf(recorded) !== "none") return changeAndKeep(recording, { call, work, recorded });
      const result = await work(stores);
      if (tookEffect(result)) writeLines(call, [recorded]);
      return result;
    },
  };
}

const tookEffect = (result: unknown) => result !== undefined && result !== false;

async function transact<Stores extends RecordingStores, T>(
  { database, storesOn, mail }: Recording<Stores>,
  { call, work }: { call: AuditedCall; work: (tx: Stores & Recorders) => Promise<T> },
  options?: TransactionOptions,
): Promise<T> {
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
}

/** Makes a change, and keeps its event in the same transaction if it took effect. */
function changeAndKeep<Stores extends RecordingStores, T>(
  recording: Recording<Stores>,
  { call, work, recorded }: { call: AuditedCall; work: (stores: Stores) => Promise<T>; recorded: AuditEvent },
): Promise<T> {
  const workAndKeep = async (tx: Stores & Recorders) => {
    const result = await work(tx);
    if (tookEffect(result)) await tx.audit.append(recorded);
    return result;
  };
  return transact(recording, { call, work: workAndKeep }, { isRepeatable: true });
}

/** Makes a change together with the rows of what it will have been. */
function keepAlong<Stores extends RecordingStores, T>(
  { database, stores, storesOn }: Recording<Stores>,
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
async function keepAlone<Stores extends RecordingStores>(
  { database, storesOn }: Recording<Stores>,
  call: AuditedCall,
  events: readonly AuditEvent[],
): Promise<void> {
  const entries = newEntries(call, events);
  if (entries.length === 0) return;
  await database.transaction((queries) => storesOn(queries).activity.add(call, entries), { isRepeatable: true });
}

function newEntries({ now }: AuditedCall, events: readonly AuditEvent[]): Entry[] {
  return entriesOf(
    events,
    events.map(() => newId(now)),
  );
}
