import type { CallContext } from "../../context.ts";
import type { MailMessage } from "../../mail/delivery/queue-message.ts";
import { log, type LogFields } from "../../platform/log.ts";

/** How often a message goes back to its queue, and after how long: 15 minutes, doubled each time, six hours at most. */
const mostRounds = 8;
const firstPauseSeconds = 15 * 60;
const longestPauseSeconds = 6 * 60 * 60;

/**
 * Puts a message back that failed five times, later each time: the database was away, or a setting is wrong. After a
 * day it gives up, in the log; the row waits for the nightly job. Needs no database.
 * @returns what to log
 */
export async function putBackPoisoned({ services }: CallContext, { id, rounds }: MailMessage): Promise<LogFields> {
  if (rounds >= mostRounds) {
    log("error", "mail.given_up", { mail: id, message: "its message failed for a day: see the failures of send-mail" });
    return { mail: id, outcome: "given up" };
  }
  const seconds = Math.min(firstPauseSeconds * 2 ** rounds, longestPauseSeconds);
  await services.mail.followUp({ id, rounds: rounds + 1 }, seconds);
  return { mail: id, outcome: "put back", seconds, round: rounds + 1 };
}
