import { describe, expect, test } from "vitest";
import { createAnchors } from "../../../../shared/audit/anchors/anchors.ts";
import { addSeconds } from "../../../../shared/platform/clock.ts";
import { ApiError } from "../../../../shared/platform/errors/api-error.ts";
import { anchorsOf } from "../../../support/anchors.ts";
import { chainOf, keepRecords } from "../../../support/audit-records.ts";
import { createTestServices } from "../../../support/service.ts";

/** A period in which no event is kept. */
const never = 1_000_000;

/** Instances whose reminders go to a queue in memory, which brings them when they are due. */
async function start() {
  const { services, clock } = await createTestServices();
  const { queries } = services.database;
  const queue: { text: string; dueAt: Date }[] = [];
  const send = async (_queue: string, text: string, { delaySeconds = 0 } = {}) =>
    void queue.push({ text, dueAt: addSeconds(clock.now(), delaySeconds) });
  const vault = { isAway: false };
  const sign: typeof services.tokens.signDocument = (document, now) => {
    if (vault.isAway) throw new ApiError("SIGNING_UNAVAILABLE");
    return services.tokens.signDocument(document, now);
  };
  const parts = { queries, queues: { send }, clock, sign };
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

describe("19.3 the reminders of five instances", () => {
  test("make an anchor every five minutes, and not one each; each event is anchored within ten", async () => {
    const { services, queue, run } = await start();
    await run(3600, 45);
    const anchors = await anchorsOf(services);
    expect(anchors.length).toBeGreaterThan(9);
    expect(anchors.length).toBeLessThan(14);
    // Those that wait: what was kept since, and what was put off.
    expect(queue.length).toBeLessThan(16);
    const db = services.database.queries.withTables<{ audit_events: { chain_id: string; created_at: Date } }>();
    const events = await db.selectFrom("audit_events").select(["chain_id", "created_at"]).execute();
    const anchoredAt = new Map(anchors.flatMap(({ heads, time }) => heads.map(({ chain }) => [chain, new Date(time)])));
    const waits = events.flatMap(({ chain_id: chain, created_at: at }) => {
      const anchored = anchoredAt.get(chain);
      return anchored ? [(anchored.getTime() - at.getTime()) / 1000] : [];
    });
    expect(Math.max(...waits)).toBeLessThanOrEqual(600);
    const late = events.filter(
      ({ chain_id: chain, created_at: at }) => !anchoredAt.has(chain) && at < addSeconds(services.clock.now(), -600),
    );
    expect(late).toEqual([]);
  });

  test("end when nothing happens any more, and everything is anchored then", async () => {
    const { services, queue, run } = await start();
    await run(400, 45);
    await run(1300, never);
    expect(queue).toEqual([]);
    const count = (await anchorsOf(services)).length;
    expect(await services.anchors.anchor(services.clock.now())).toMatchObject({ anchors: 0 });
    await run(3600, never);
    expect((await anchorsOf(services)).length).toBe(count);
  });

  test("come again while the key is in a vault that is away; the anchor follows", async () => {
    const { services, queue, vault, run } = await start();
    vault.isAway = true;
    await run(1, 1);
    await run(1500, never);
    expect(await anchorsOf(services)).toEqual([]);
    expect(queue.length).toBeGreaterThan(0);
    expect(queue.length).toBeLessThanOrEqual(5);
    vault.isAway = false;
    await run(1200, never);
    expect(await anchorsOf(services)).toHaveLength(1);
    expect(queue).toEqual([]);
  });

  test("by an instance whose clock was wrong hold nobody up", async () => {
    const { services, clock, instances, run } = await start();
    await run(1, 1);
    await instances[0]?.anchor(addSeconds(clock.now(), 86_400));
    await run(1, 1);
    expect(await instances[1]?.onReminder(clock.now(), clock.now())).toBe("anchored already");
    // Of what was kept after that moment, nothing is known.
    expect(await instances[1]?.onReminder(undefined, clock.now())).toMatchObject({ anchors: 1 });
    expect(await anchorsOf(services)).toHaveLength(2);
  });
});
