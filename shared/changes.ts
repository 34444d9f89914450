import { writeLines, type AuditedCall, type AuditEvent } from "./audit/audit.ts";
import { keepingOf } from "./audit/keeping.ts";
import { createTrail, type Keep } from "./audit/trail.ts";
import type { Writer } from "./audit/writer.ts";
import { type Mail } from "./mail/mail.ts";
import type { OutgoingMail } from "./mail/message.ts";
import {
  type Database,
  type Queries,
  type TransactionOptions,
  type TransactionRun,
} from "./platform/database/database.ts";
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
   * @param work `queries` are for stores that the service does not have: those of operators
   */
  transaction<T>(
    call: AuditedCall,
    work: (tx: Transaction, queries: Queries) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T>;
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
  readonly writer: Writer;
}

/** @returns the two ways, on this database */
export function createChanges(recording: Recording): Changes {
  const { stores, storesOn, mail } = recording;
  const transaction = async <T>(
    call: AuditedCall,
    work: (tx: Transaction, queries: Queries) => Promise<T>,
    options?: TransactionOptions,
  ): Promise<T> => {
    const trail = createTrail();
    let posted: string[] = [];
    const runOnce: Work<T> = ({ queries, run, keep }) => {
      const ids: string[] = (posted = []);
      const tx = storesOn(queries);
      const post = (letter: OutgoingMail, now: Date) => {
        ids.push(letter.id);
        return tx.outbox.add(letter, now);
      };
      return work({ ...tx, audit: trail.startRun(run, keep), mail: { post } }, queries);
    };
    const result = await transact(recording, { call, work: runOnce, ...(options && { options }) });
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

/** One run of a transaction that can add rows to the audit log. */
type Work<T> = (run: { queries: Queries; run: TransactionRun; keep: Keep }) => Promise<T>;

/** Runs a transaction, and tells the audit log how it ended. */
async function transact<T>(
  { database, writer }: Pick<Recording, "database" | "writer">,
  { call, work, options }: { call: AuditedCall; work: Work<T>; options?: TransactionOptions },
): Promise<T> {
  const writing = writer.begin(call);
  try {
    const result = await database.transaction(
      (queries, run) => work({ queries, run, keep: writing.startRun(queries) }),
      options,
    );
    writing.committed();
    return result;
  } catch (error) {
    writing.failed(error);
    throw error;
  }
}

/** Makes a change together with the rows of what it will have been. */
function keepAlong<T>(
  recording: Recording,
  { call, work, kept }: { call: AuditedCall; work: (stores: Stores) => Promise<T>; kept: readonly AuditEvent[] },
): Promise<T> {
  if (!isAnyKept(kept)) return work(recording.stores);
  const keepAndWork: Work<T> = async ({ queries, keep }) => {
    await keep(kept);
    return work(recording.storesOn(queries));
  };
  return transact(recording, { call, work: keepAndWork, options: { isRepeatable: true } });
}

/** Adds the rows of events that change nothing else, in one message. */
export async function keepAlone(
  recording: Pick<Recording, "database" | "writer">,
  call: AuditedCall,
  events: readonly AuditEvent[],
): Promise<void> {
  if (!isAnyKept(events)) return;
  await transact(recording, { call, work: ({ keep }) => keep(events), options: { isRepeatable: true } });
}

const isAnyKept = (events: readonly AuditEvent[]) => events.some((event) => keepingOf(event) !== "none");
