import { newId } from "../platform/crypto/random.ts";
import type { Queries } from "../platform/database/database.ts";
import { DatabaseUnavailable } from "../platform/database/errors.ts";
import { ApiError } from "../platform/errors/api-error.ts";
import { noSource } from "../platform/source.ts";
import { writeLines, type AuditedCall, type AuditEvent } from "./audit.ts";
import { createBounds, type LeftOut } from "./chain/bounds.ts";
import { createChains, startChain, type Head } from "./chain/chains.ts";
import { compose, headAt, type Parties } from "./chain/compose.ts";
import { addRecord } from "./chain/event-store.ts";
import { eventTypeOf } from "./event-types.ts";
import { entriesOf, type Entry } from "./keeping.ts";
import type { Keep } from "./trail.ts";

/** Writes the audit log of one process. */
export interface Writer {
  /** The rows of one transaction, over all of its runs. */
  begin(call: AuditedCall): Writing;
}

/** What one transaction writes to the audit log. */
export interface Writing {
  /** Starts a run; what the one before added is undone, or may not be. @returns how to add rows in this run */
  startRun(queries: Queries): Keep;
  /** The last run was committed. */
  committed(): void;
  /** The transaction ended with this error. */
  failed(error: unknown): void;
}

export interface WriterOptions {
  /** The audit id of an account; undefined once it is erased. */
  readonly auditIdOf: (queries: Queries, accountId: string) => Promise<string | undefined>;
  /** Called when rows were committed. */
  readonly onKept?: (() => void) | undefined;
}

/**
 * Makes events into records of chains. The first run of a transaction continues a chain of the process. A run after it
 * begins a chain for each event: what the one before added may be there, then nothing is added, and a chain with more
 * than that event would have a gap. See docs/decisions/0070-audit-log-in-chains.md.
 */
export function createWriter({ auditIdOf, onKept }: WriterOptions): Writer {
  const chains = createChains();
  const bounds = createBounds();
  return {
    begin(call) {
      const ids = createIds(call.now);
      const admitted = new Map<string, boolean>();
      let leftOut: readonly LeftOut[] | undefined;
      let runs = 0;
      let taken: Head | undefined;
      let end: Head | undefined;
      let rows = 0;

      const isAdmitted = ({ id, event }: Named) => {
        const is = admitted.get(id) ?? (event.about !== undefined || bounds.admits(event, call.now));
        admitted.set(id, is);
        return is;
      };
      /** The events to add, and with the first of them those that tell what was left out. */
      const toAdd = (events: readonly AuditEvent[]): Named[] => {
        const entries = ids.name(entriesOf(events)).filter(isAdmitted);
        if (entries.length === 0 || rows > 0) return entries;
        leftOut ??= bounds.takeLeftOut(call.now);
        return [...entries, ...ids.name(entriesOf(leftOut.map(toEvent)))];
      };
      const headFor = (): Head => {
        if (runs > 1) return startChain(call.now);
        taken ??= chains.take(call.now);
        return (end ??= taken);
      };
      const drop = () => {
        if (taken) chains.lost(taken);
        taken = end = undefined;
      };

      return {
        startRun(queries) {
          runs += 1;
          rows = 0;
          drop();
          ids.startRun();
          return async (events) => {
            const entries = toAdd(events);
            const parties: Parties[] = [];
            for (const { event } of entries) parties.push(await partiesOf(event, (id) => auditIdOf(queries, id)));
            for (const [place, entry] of entries.entries()) {
              const head = headFor();
              const record = compose(call, entry, { head, parties: parties[place] ?? nobody });
              end = headAt(record, call);
              rows += 1;
              await addRecord(queries, record);
            }
          };
        },
        committed() {
          if (taken && end) chains.committed(end);
          if (rows === 0) return;
          if (leftOut) writeLines({ now: call.now, source: noSource }, leftOut.map(toEvent));
          onKept?.();
        },
        failed(error) {
          if (leftOut) bounds.giveBack(leftOut);
          // What the work itself refuses is rolled back. After a fault of the database, what became of it is not certain.
          if (error instanceof ApiError && !(error instanceof DatabaseUnavailable) && taken) chains.rolledBack(taken);
          else drop();
        },
      };
    },
  };
}

type Named = Entry & { readonly id: string };

const toEvent = ({ about, count }: LeftOut): AuditEvent => ({ type: "audit.left_out", about, count });

/** Ids of events: one that comes again in a later run has the same. */
function createIds(now: Date) {
  const ids = new Map<string, string>();
  let seen = new Map<string, number>();
  return {
    startRun(): void {
      seen = new Map();
    },
    name(entries: readonly Entry[]): Named[] {
      return entries.map((entry) => {
        const count = (seen.get(entry.kind) ?? 0) + 1;
        seen.set(entry.kind, count);
        const key = `${count} ${entry.kind}`;
        const id = ids.get(key) ?? newId(now);
        ids.set(key, id);
        return { ...entry, id };
      });
    },
  };
}

const nobody: Parties = { subject: null, actorId: null };

async function partiesOf(
  event: AuditEvent,
  auditIdOf: (accountId: string) => Promise<string | undefined>,
): Promise<Parties> {
  const { accountId, auditId, clientId, actor = { kind: eventTypeOf(event.type).actor, id: undefined } } = event;
  const subject = auditId ?? (accountId === undefined ? null : ((await auditIdOf(accountId)) ?? null));
  switch (actor.kind) {
    case "person":
    case "administrator": {
      const own = actor.kind === "person" ? subject : null;
      return { subject, actorId: actor.id === undefined ? own : ((await auditIdOf(actor.id)) ?? null) };
    }
    case "client":
      return { subject, actorId: actor.id ?? clientId ?? null };
    default:
      return { subject, actorId: null };
  }
}
