import { describe, expect, test } from "vitest";
import { createQuotaStore, type Quota } from "../../../../shared/mail/delivery/quota.ts";
import { addSeconds } from "../../../../shared/platform/clock.ts";
import { createTestServices } from "../../../support/service.ts";

/** A quota of its own, on a database of its own, at an instant. */
async function quotaOf(quota: Partial<Quota>) {
  const { services, clock } = await createTestServices();
  const store = createQuotaStore(services.database.queries, { perMinute: undefined, perHour: undefined, ...quota });
  const start = clock.now();
  /** Takes places at the same instant. @returns in how many seconds from the start each is, in order */
  const take = async (count: number, atSeconds = 0) => {
    const now = addSeconds(start, atSeconds);
    const places = await Promise.all(Array.from({ length: count }, () => store.take(now, "asked")));
    return places.map((place) => ((place?.getTime() ?? Number.NaN) - start.getTime()) / 1000).toSorted((a, b) => a - b);
  };
  return { store, start, take };
}

describe("the quota", () => {
  test("admits half a minute's mails at once; each further one gets a place of its own, in order", async () => {
    const { take } = await quotaOf({ perMinute: 8 });
    expect(await take(7)).toEqual([0, 0, 0, 0, 15, 30, 45]);
    expect(await take(1, 1)).toEqual([60]);
  });

  test("is full again after an idle minute, and not fuller after an idle day", async () => {
    const { take } = await quotaOf({ perMinute: 8 });
    await take(4);
    expect(await take(5, 60)).toEqual([60, 60, 60, 60, 75]);
    expect(await take(6, 86_400)).toEqual([0, 0, 0, 0, 15, 30].map((seconds) => seconds + 86_400));
  });

  test.each([
    [1, [0, 120, 240]],
    [2, [0, 60, 120]],
    [3, [0, 20, 60]],
  ])("of %i a minute admits half of that in the long run", async (perMinute, places) => {
    const { take } = await quotaOf({ perMinute });
    expect(await take(3)).toEqual(places);
  });

  test("has a half for notices, which a flood of other mails leaves alone", async () => {
    const { store, start, take } = await quotaOf({ perMinute: 4 });
    const flooded = (await take(200)).at(-1);
    expect(flooded).toBe(198 * 30);
    expect(await store.take(start, "notice")).toEqual(start);
    expect(await store.heldBackUntil(start), "the slower half").toEqual(addSeconds(start, 199 * 30));
    await store.pause(addSeconds(start, 100));
    expect(await store.take(start, "notice"), "the provider takes nothing").toEqual(addSeconds(start, 100));
  });

  test("of two limits holds both", async () => {
    const { take } = await quotaOf({ perMinute: 4, perHour: 6 });
    expect(await take(5)).toEqual([0, 0, 30, 1200, 2400]);
  });

  test("gives out no place while the provider takes nothing, and then one after the other", async () => {
    const { store, start, take } = await quotaOf({ perMinute: 8 });
    await store.pause(addSeconds(start, 100));
    expect(await store.heldBackUntil(start)).toEqual(addSeconds(start, 100));
    expect(await take(2, 10)).toEqual([100, 115]);
    await store.pause(addSeconds(start, 20));
    expect(await take(1, 20), "a shorter pause ends no longer one").toEqual([130]);
  });

  test("says until when it holds mail back, if it does", async () => {
    const { store, start, take } = await quotaOf({ perMinute: 4 });
    expect(await store.heldBackUntil(start)).toBeUndefined();
    await take(3);
    expect(await store.heldBackUntil(start)).toEqual(addSeconds(start, 60));
    expect(await store.heldBackUntil(addSeconds(start, 60))).toBeUndefined();
  });

  test("without limits gives no places", async () => {
    const { store, start } = await quotaOf({});
    expect(await store.take(start, "asked")).toBeUndefined();
    await store.pause(addSeconds(start, 100));
    expect(await store.heldBackUntil(start)).toBeUndefined();
  });
});
