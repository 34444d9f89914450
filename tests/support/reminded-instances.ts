import { createAnchors } from "../../shared/audit/anchors/anchors.ts";
import { addSeconds } from "../../shared/platform/clock.ts";
import { ApiError } from "../../shared/platform/errors/api-error.ts";
import { chainOf, keepRecords } from "./audit-records.ts";
import { createTestServices } from "./service.ts";

/** A period in which no event is kept. */
export const never = 1_000_000;

/** Instances whose reminders go to a queue in memory, which brings them when they are due. */
export async function startReminded() {
  const { services, clock } = await createTestServices();
  const { queries } = services.database;
  const queue: { text: string; dueAt: Date }[] = [];
  const send = async (_queue: string, text: string, { delaySeconds = 0 } = {}) =>
    void queue.push({ text, dueAt: addSeconds(clock.now(), delaySeconds) });
  const vault = { isAway: false };
  const signDocument: typeof services.tokens.signDocument = (document, now) => {
    if (vault.isAway) throw new ApiError("SIGNING_UNAVAILABLE");
    return services.tokens.signDocument(document, now);
  };
  const { keptSeconds } = services.config.audit;
  const tokens = { ...services.tokens, signDocument };
  const parts = { queries, queues: { send }, clock, tokens, keptSeconds };
  const instances = Array.from({ length: 5 }, () => createAnchors(services.config.anchors, parts));
  /** Lets time pass, second by second; each instance keeps an event with this period. */
  const run = async (seconds: number, period: number) => {
    for (let second = 0; second < seconds; second += 1) {
      clock.advance(1);
      for (const [place, instance] of instances.entries())
        if ((second + 1 + place * 17) % period === 0) {
          await keepRecords(queries, chainOf(1, { from: clock.now() }));
          instance.remind();
        }
      for (const due of queue.filter(({ dueAt }) => dueAt <= clock.now())) {
        queue.splice(queue.indexOf(due), 1);
        await instances[0]?.onReminder(new Date(due.text), clock.now());
      }
    }
  };
  return { services, clock, queue, vault, instances, run };
}
