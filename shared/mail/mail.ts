import { describeError, log } from "../platform/log.ts";
import type { Queues } from "../platform/queues/queues.ts";

/** Tells the queue which mails are to be sent. */
export interface Mail {
  /**
   * Call it before the transaction that posts these mails: should this process die after the commit, the queue finds
   * them a minute later. If the transaction does not post them after all, nothing happens. Never rejects.
   */
  announce(ids: readonly string[]): Promise<void>;
  /** Has posted mails sent now. Called after each commit by `services.transaction`. Never rejects. */
  hurry(ids: readonly string[]): Promise<void>;
}

/** The queue of mails to send; each message is the id of a row. */
export const mailQueue = "mail";

/** @param queues undefined if no storage is configured: mails then wait */
export function createMail(queues: Queues | undefined): Mail {
  const tell = async (ids: readonly string[], delaySeconds: number): Promise<void> => {
    if (queues) await Promise.all(ids.map((id) => queues.send(mailQueue, id, { delaySeconds }).catch(logFailure)));
  };
  return {
    announce: (ids) => tell(ids, announcementDelaySeconds),
    hurry: (ids) => tell(ids, 0),
  };
}

const announcementDelaySeconds = 60;

function logFailure(error: unknown): void {
  log("warn", "mail.queue_unavailable", { cause: describeError(error) });
}
