import { describe, expect, test } from "vitest";
import { addSeconds } from "../../../../shared/platform/clock.ts";
import { anchorsOf } from "../../../support/anchors.ts";
import { heard } from "../../../support/heard.ts";
import { never, startReminded } from "../../../support/reminded-instances.ts";

describe("19.3 the reminders of five instances", () => {
  test("make an anchor every five minutes, and not one each; each event is anchored within ten", async () => {
    const { services, queue, run } = await startReminded();
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
    const { services, queue, run } = await startReminded();
    await run(400, 45);
    await run(1300, never);
    expect(queue).toEqual([]);
    const count = (await anchorsOf(services)).length;
    expect(await services.anchors.anchor(services.clock.now())).toMatchObject({ anchors: 0 });
    await run(3600, never);
    expect((await anchorsOf(services)).length).toBe(count);
  });

  test("come again while the key is in a vault that is away; the anchor follows", async () => {
    const { services, queue, vault, run } = await startReminded();
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
    const { services, clock, instances, run } = await startReminded();
    await run(1, 1);
    await instances[0]?.anchor(addSeconds(clock.now(), 86_400));
    await run(1, 1);
    const { result, told } = await heard("audit.anchor_ahead", async () =>
      instances[1]?.onReminder(clock.now(), clock.now()),
    );
    expect(result).toMatchObject({ anchors: 1 });
    expect(told).toEqual([expect.objectContaining({ level: "error", number: 1 })]);
    expect(await anchorsOf(services)).toHaveLength(2);
  });
});
