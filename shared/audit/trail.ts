import type { AuditEvent } from "./audit.ts";

/** The audit log within a transaction. */
export interface TransactionAudit {
  /**
   * Adds events to the transaction: recorded once if it commits, and not at all if it is undone.
   *
   * For now they are held and written as log lines after the commit. Once events have a table this inserts their rows, which
   * travel with the commit; callers stay as they are.
   */
  append(...events: readonly AuditEvent[]): Promise<void>;
}

/** The events of one transaction, however often it runs. */
export interface Trail {
  /**
   * Starts a run. What the run before has appended is dropped, unless its commit may have been taken: then that is what
   * happened, and what a later run finds is only its trace (docs/decisions/0010-lost-commits.md).
   */
  startRun(run: { readonly mayHaveCommitted: boolean }): TransactionAudit;
  /** What is to be recorded when the transaction has committed. */
  events(): readonly AuditEvent[];
}

export function createTrail(): Trail {
  let first: AuditEvent[] | undefined;
  let latest: AuditEvent[] = [];
  return {
    startRun({ mayHaveCommitted }) {
      if (mayHaveCommitted) first ??= latest;
      const events: AuditEvent[] = (latest = []);
      return {
        async append(...more) {
          events.push(...more);
        },
      };
    },
    events: () => first ?? latest,
  };
}
