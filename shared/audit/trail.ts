import type { AuditEvent } from "./audit.ts";

/** The audit log within a transaction. */
export interface TransactionAudit {
  /**
   * Adds events to the transaction: recorded once if it commits, dropped if it rolls back.
   *
   * For now they are held and written as log lines after the commit. Once events have a table, this inserts rows that
   * travel with the commit, and callers stay as they are.
   */
  append(...events: readonly AuditEvent[]): Promise<void>;
}

/** The events of one transaction, however often it runs. */
export interface Trail {
  /**
   * Starts a run. Drops what the previous run appended, unless its commit may have gone through: then that run is what
   * happened, and a later run only finds its trace (docs/decisions/0010-lost-commits.md).
   */
  startRun(run: { readonly mayHaveCommitted: boolean }): TransactionAudit;
  /** The events to record after the commit. */
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
