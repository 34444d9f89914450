import { describe, expect, test } from "vitest";
import { createChains, startChain, type Head } from "../../../../shared/audit/chain/chains.ts";
import { addSeconds } from "../../../../shared/platform/clock.ts";

const noon = new Date("2026-11-30T12:00:00.000Z");
const midnight = new Date("2026-12-01T00:00:00.000Z");
const at = (seconds: number) => addSeconds(noon, seconds);
/** What a chain's end is after a record. */
const after = (head: Head, time: Date): Head => ({
  ...head,
  seq: head.seq + 1,
  hash: Buffer.alloc(32, head.seq + 1),
  time,
});

describe("19.2 a chain that was taken", () => {
  test("starts with no record, and goes on where it was committed", () => {
    const chains = createChains();
    const first = chains.take(noon);
    expect(first).toMatchObject({ seq: 0, hash: Buffer.alloc(32), time: noon });
    const end = after(first, noon);
    chains.committed(end);
    expect(chains.take(at(1))).toBe(end);
  });

  test("is nobody else's until it is given back", () => {
    const chains = createChains();
    const taken = Array.from({ length: 50 }, () => chains.take(noon));
    expect(new Set(taken.map(({ chain }) => chain)).size).toBe(50);
    for (const head of taken) chains.committed(after(head, noon));
    const again = Array.from({ length: 51 }, () => chains.take(noon));
    expect(new Set(again.map(({ chain }) => chain)).size).toBe(51);
    expect(again.filter(({ seq }) => seq === 1)).toHaveLength(50);
  });

  test("and rolled back, goes on where it was", () => {
    const chains = createChains();
    const end = after(chains.take(noon), noon);
    chains.committed(end);
    chains.rolledBack(chains.take(noon));
    expect(chains.take(noon)).toBe(end);
  });

  test("and lost, is never taken again", () => {
    const chains = createChains();
    const end = after(chains.take(noon), noon);
    chains.committed(end);
    chains.lost(chains.take(noon));
    expect(chains.take(noon).chain).not.toBe(end.chain);
  });

  test.each(["committed", "rolledBack", "lost"] as const)("cannot be given back twice: %s", (way) => {
    const chains = createChains();
    const head = chains.take(noon);
    chains[way](head);
    for (const again of ["committed", "rolledBack", "lost"] as const)
      expect(() => chains[again](head)).toThrow("nobody holds");
    expect(() => chains.committed(startChain(noon))).toThrow("nobody holds");
  });
});

describe("19.2 a chain's time", () => {
  /** A pool with free chains that end at these instants. */
  const ending = (...times: readonly Date[]) => {
    const chains = createChains();
    const taken = times.map((time) => chains.take(time));
    for (const [place, head] of taken.entries()) chains.committed(after(head, times[place] ?? noon));
    return chains;
  };

  test("never goes back: one that ends later than now is left", () => {
    const chains = ending(at(10));
    expect(chains.take(at(9))).toMatchObject({ seq: 0, time: at(9) });
    expect(chains.take(at(10)).seq).toBe(1);
  });

  test("is the latest that is not too late, so that the others serve calls that began earlier", () => {
    const chains = ending(at(3), at(1), at(2), at(5));
    const takenAt = (now: Date) => chains.take(now).time;
    expect([takenAt(at(4)), takenAt(at(2)), takenAt(at(2)), takenAt(at(9))]).toEqual([at(3), at(2), at(1), at(5)]);
  });

  test("is within one day (UTC): midnight begins another, and a call from before it goes on with the old one", () => {
    const before = addSeconds(midnight, -0.001);
    const chains = ending(before);
    expect(chains.take(midnight)).toMatchObject({ seq: 0, time: midnight });
    expect(chains.take(before)).toMatchObject({ seq: 1, time: before });
    expect(ending(midnight).take(before)).toMatchObject({ seq: 0, time: before });
  });

  test("does not come again a day later at the same hour", () => {
    expect(ending(noon).take(addSeconds(noon, 86_400)).seq).toBe(0);
  });
});

test("as many chains are kept as may be; the one that was written the longest ago ends", () => {
  const chains = createChains(2);
  const taken = [0, 1, 2].map((second) => chains.take(at(second)));
  for (const [second, head] of taken.entries()) chains.committed(after(head, at(second)));
  const again = [0, 1, 2].map(() => chains.take(at(9)));
  expect(again.map(({ seq, time }) => [seq, time])).toEqual([
    [1, at(2)],
    [1, at(1)],
    [0, at(9)],
  ]);
});

test("19.2 whatever happens in whatever order, a chain is written by one at a time, within a day, and never goes back", () => {
  let seed = 7;
  const below = (most: number) => (seed = (seed * 48_271) % 2_147_483_647) % most;
  const chains = createChains(8);
  const ends = new Map<string, Head>();
  const held = new Map<string, { head: Head; now: Date }>();
  const lost = new Set<string>();
  for (let step = 0; step < 20_000; step += 1) {
    if (held.size < 20 && below(2) === 0) {
      const now = addSeconds(midnight, below(240) - 120);
      const head = chains.take(now);
      const end = ends.get(head.chain);
      expect([held.has(head.chain), lost.has(head.chain), head.seq]).toEqual([false, false, end?.seq ?? 0]);
      expect(head.time <= now && head.time.getUTCDate() === now.getUTCDate()).toBe(true);
      held.set(head.chain, { head, now });
      continue;
    }
    const some = [...held.values()][below(Math.max(1, held.size))];
    if (!some) continue;
    const { head, now } = some;
    held.delete(head.chain);
    const way = below(4);
    if (way === 0) chains.rolledBack(head);
    else if (way === 1) {
      chains.lost(head);
      lost.add(head.chain);
    } else {
      const end = after(head, now);
      ends.set(head.chain, end);
      chains.committed(end);
    }
  }
  expect([lost.size > 1000, ends.size > 1000]).toEqual([true, true]);
});
