import type { CallContext } from "../../context.ts";
import { addSeconds } from "../../platform/clock.ts";

/** Until then a mail's own message may still be on its way. */
const patienceSeconds = 120;

/**
 * Puts mails back into the queue that should have been sent and were not, because their messages were lost.
 * @param limit the most to put back
 * @returns how many
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export function putBackOverdue({ services: { mail }, now }: CallContext, limit: number): Promise<number> {
  return mail.putBack({ dueBy: addSeconds(now, -patienceSeconds), now, limit });
}
