import type { AuditEvent } from "./audit.ts";

/** The audit log within a transaction. */
export interface TransactionAudit {
  /**
   * What an earlier run of this transaction appended, if the answer to its commit was lost; otherwise empty. A run that
   * finds the trace of that commit appends these events again instead of finding its own: they are what happened. Any
   * other run leaves them, since that commit was not taken.
   */
  readonly earlier: readonly AuditEvent[];
  /**
   * Adds events to the transaction: recorded once if it commits, dropped if it rolls back or runs again. The rows of
   * those that are kept travel with the next statement or the commit; the log lines follow the commit.
   */
  append(...events: readonly AuditEvent[]): Promise<void>;
}

/** The events of one transaction, however often it runs. */
export interface Trail {
  /**
   * Starts a run, and drops what the previous one appended, or hands it on as `earlier`.
   * @param keep adds rows in this run
   */
  startRun(run: { readonly isAfterLostCommit: boolean }, keep: Keep): TransactionAudit;
  /** The events to record after the commit: those of the last run. */
  events(): readonly AuditEvent[];
}

/** Adds the rows of these events. */
export type Keep = (events: readonly AuditEvent[]) => Promise<void>;

export function createTrail(): Trail {
  let earlier: readonly AuditEvent[] = [];
  let latest: AuditEvent[] = [];
  return {
    startRun({ isAfterLostCommit }, keep) {
      if (isAfterLostCommit) earlier = latest;
      const events: AuditEvent[] = (latest = []);
      return {
        earlier,
        async append(...more) {
          events.push(...more);
          await keep(more);
        },
      };
    },
    events: () => latest,
  };
}
