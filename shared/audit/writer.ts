import type { Queries } from "../platform/database/database.ts";
import { DatabaseUnavailable } from "../platform/database/errors.ts";
import { ApiError } from "../platform/errors/api-error.ts";
import { noSource } from "../platform/source.ts";
import { writeLines, type AuditedCall, type AuditEvent } from "./audit.ts";
import { createBounds, type AddressForm } from "./chain/bounds.ts";
import { createChains } from "./chain/chains.ts";
import { compose, headAt, type Parties } from "./chain/compose.ts";
import { addRecord } from "./chain/event-store.ts";
import { createPlace } from "./chain/place.ts";
import { createChoice } from "./choice.ts";
import { eventTypeOf } from "./event-types.ts";
import type { Subjects } from "./subjects.ts";
import type { Keep } from "./trail.ts";

/** Writes the audit log of one process: see docs/decisions/0070-audit-log-in-chains.md. */
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
  readonly subjects: Pick<Subjects, "auditIdOf" | "forget">;
  readonly addressForm: AddressForm;
  /** Called when rows were committed. */
  readonly onKept?: (() => void) | undefined;
}

/** Makes a process's events into records of its chains. */
export function createWriter({ subjects, addressForm, onKept }: WriterOptions): Writer {
  const [chains, bounds] = [createChains(), createBounds(addressForm)];
  return {
    begin(call) {
      const choice = createChoice(bounds, { now: call.now, addressForm });
      const place = createPlace(chains, call.now);
      let rows = 0;
      const named = new Set<string>();
      return {
        startRun(queries) {
          rows = 0;
          choice.startRun();
          place.startRun();
          return async (events) => {
            for (const { accountId } of events) if (accountId !== undefined) named.add(accountId);
            const auditIdOf = async (accountId: string | undefined): Promise<string | null> =>
              accountId === undefined ? null : ((await subjects.auditIdOf(queries, accountId)) ?? null);
            for (const chosen of choice.of(events)) {
              const parties = await partiesOf(chosen.event, auditIdOf);
              const record = compose(call, chosen, { head: place.next(), parties });
              place.moveTo(headAt(record, call));
              rows += 1;
              await addRecord(queries, record);
            }
          };
        },
        committed() {
          place.committed();
          const told = choice.committed();
          if (rows === 0) return;
          writeLines({ now: call.now, source: noSource }, told);
          onKept?.();
        },
        failed(error) {
          choice.failed();
          // An account that it made is not there, or soon is by another instance, with another audit id.
          for (const accountId of named) subjects.forget(accountId);
          // What the work itself refuses is undone. After a fault of the database it is not certain, or takes its time.
          place.failed({ isUndone: error instanceof ApiError && !(error instanceof DatabaseUnavailable) });
        },
      };
    },
  };
}

async function partiesOf(
  { type, actor, accountId, auditId, clientId }: AuditEvent,
  auditIdOf: (accountId: string | undefined) => Promise<string | null>,
): Promise<Parties> {
  const subject = auditId ?? (await auditIdOf(accountId));
  const { kind, id } = actor ?? { kind: eventTypeOf(type).actor };
  if (kind === "client") return { subject, actorId: id ?? clientId ?? null };
  if (id !== undefined) return { subject, actorId: await auditIdOf(id) };
  return { subject, actorId: kind === "person" ? subject : null };
}
