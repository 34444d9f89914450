import { randomUUID } from "node:crypto";
import { describe, expect, test } from "vitest";
import { rowOf } from "../../../../shared/audit/chain/event-store.ts";
import type { AuditRecord } from "../../../../shared/audit/chain/record.ts";
import { digestOfJws } from "../../../../shared/audit/anchors/anchor.ts";
import { createAnchors } from "../../../../shared/audit/anchors/anchors.ts";
import { addSeconds } from "../../../../shared/platform/clock.ts";
import { anchorRows, anchorsOf } from "../../../support/anchors.ts";
import { chainOf, keepRecords } from "../../../support/audit-records.ts";
import { heard } from "../../../support/heard.ts";
import { createTestServices } from "../../../support/service.ts";

const headOf = (records: readonly AuditRecord[]) => {
  const last = records.at(-1) as AuditRecord;
  return { chain: last.chain, count: last.seq, hash: last.hash.toString("base64url") };
};
const sorted = (...chains: readonly (readonly AuditRecord[])[]) =>
  chains.map(headOf).toSorted((one, other) => (one.chain < other.chain ? -1 : 1));

async function start() {
  const { services, clock } = await createTestServices();
  const { queries } = services.database;
  const keep = (...chains: readonly (readonly AuditRecord[])[]) => keepRecords(queries, chains.flat());
  const anchor = (reach = {}) => services.anchors.anchor(clock.now(), reach);
  const { keptSeconds } = services.config.audit;
  const parts = { queries, queues: undefined, clock, tokens: services.tokens, keptSeconds };
  return { services, clock, keep, anchor, parts };
}

describe("19.3 anchoring", () => {
  test("signs the heads of all chains that have grown, and links each anchor to the one before", async () => {
    const { services, clock, keep, anchor } = await start();
    const [one, other] = [chainOf(3, { from: clock.now() }), chainOf(1, { from: clock.now() })];
    await keep(one, other);
    clock.advance(300);
    expect(await anchor()).toEqual({ anchors: 1, heads: 2, written: undefined });
    const more = chainOf(2, { from: clock.now(), after: one.at(-1) });
    const young = chainOf(1, { from: clock.now() });
    await keep(more, young);
    clock.advance(300);
    expect(await anchor()).toMatchObject({ anchors: 1, heads: 2 });
    const [first, second] = await anchorsOf(services);
    expect(first).toMatchObject({ number: 1, previous: null, heads: sorted(one, other) });
    expect(second).toMatchObject({ number: 2, heads: sorted(more, young), time: clock.now().toISOString() });
    const [row] = await anchorRows(services);
    expect(second?.previous).toBe(digestOfJws(row?.jws ?? ""));
  });

  test("of chains that have not grown makes no anchor, and none of an empty log", async () => {
    const { clock, keep, anchor } = await start();
    expect(await anchor()).toMatchObject({ anchors: 0, heads: 0 });
    await keep(chainOf(2, { from: clock.now() }));
    expect(await anchor()).toMatchObject({ anchors: 1 });
    expect(await anchor()).toMatchObject({ anchors: 0, heads: 0 });
    clock.advance(86_400);
    expect(await anchor({ lookBackSeconds: 2 * 86_400 })).toMatchObject({ anchors: 0, heads: 0 });
  });

  test("by ten at once makes one anchor of the same heads", async () => {
    const { services, clock, keep, parts } = await start();
    await keep(chainOf(2, { from: clock.now() }), chainOf(1, { from: clock.now() }));
    // All have read when the first one writes.
    let waiting = 0;
    const { promise: allHaveRead, resolve: letGo } = Promise.withResolvers<void>();
    const signDocument: typeof services.tokens.signDocument = async (document, now) => {
      const jws = await services.tokens.signDocument(document, now);
      waiting += 1;
      if (waiting === 10) letGo();
      await allHaveRead;
      return jws;
    };
    const tokens = { ...services.tokens, signDocument };
    const instances = Array.from({ length: 10 }, () => createAnchors(services.config.anchors, { ...parts, tokens }));
    const reports = await Promise.all(instances.map((each) => each.anchor(clock.now())));
    expect(reports.map(({ anchors }) => anchors).toSorted()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(await anchorsOf(services)).toHaveLength(1);
  });

  test("of more heads than an anchor takes makes more anchors at once, and leaves none out", async () => {
    const { services, clock, keep, parts } = await start();
    // Several of one instant, so that the instant alone does not tell where to go on.
    const chains = Array.from({ length: 8 }, (_, place) => chainOf(1, { from: addSeconds(clock.now(), place >> 2) }));
    await keep(...chains);
    clock.advance(300);
    const anchors = createAnchors(services.config.anchors, { ...parts, most: 3 });
    expect(await anchors.anchor(clock.now())).toMatchObject({ anchors: 3, heads: 8 });
    const made = await anchorsOf(services);
    expect(made.map(({ heads }) => heads.length)).toEqual([3, 3, 2]);
    expect(new Set(made.flatMap(({ heads }) => heads.map(({ chain }) => chain))).size).toBe(8);
    expect(await anchors.anchor(clock.now())).toMatchObject({ anchors: 0 });
  });

  test("finds what was kept a quarter of an hour late, and by night what was kept a day late", async () => {
    const { services, clock, keep, anchor } = await start();
    const started = clock.now();
    clock.advance(3600);
    await keep(chainOf(1, { from: clock.now() }));
    await anchor();
    const late = chainOf(1, { from: addSeconds(clock.now(), -899) });
    const veryLate = chainOf(1, { from: started });
    await keep(late, veryLate);
    clock.advance(300);
    expect(await anchor()).toMatchObject({ heads: 1 });
    expect((await anchorsOf(services)).at(-1)?.heads).toEqual(sorted(late));
    expect(await anchor()).toMatchObject({ heads: 0 });
    expect(await anchor({ lookBackSeconds: 2 * 86_400 })).toMatchObject({ heads: 1 });
    expect((await anchorsOf(services)).at(-1)?.heads).toEqual(sorted(veryLate));
  });

  test("goes on when the clock is put back, and when that of another instance is ahead", async () => {
    const { services, clock, keep, anchor } = await start();
    const ahead = chainOf(1, { from: addSeconds(clock.now(), 20) });
    await keep(ahead);
    expect(await anchor()).toMatchObject({ heads: 1 });
    // Another's anchor, half an hour ahead.
    await keep(chainOf(1, { from: clock.now() }));
    await services.anchors.anchor(addSeconds(clock.now(), 1800));
    const next = chainOf(1, { from: clock.now(), after: ahead.at(-1) });
    await keep(next);
    expect(await anchor()).toMatchObject({ heads: 1 });
    clock.advance(-600);
    const back = chainOf(1, { from: clock.now() });
    await keep(back);
    expect(await anchor()).toMatchObject({ heads: 1 });
    expect((await anchorsOf(services)).at(-1)).toMatchObject({ number: 4, heads: sorted(back) });
    expect(await anchor()).toMatchObject({ heads: 0 });
  });

  test("takes the end of a chain that somebody has made a gap in", async () => {
    const { services, clock, keep, anchor } = await start();
    const chain = chainOf(5, { from: clock.now(), step: 0 });
    await keep(chain.filter(({ seq }) => seq !== 3));
    expect(await anchor()).toMatchObject({ heads: 1 });
    expect((await anchorsOf(services))[0]?.heads).toEqual(sorted(chain));
    expect(await anchor()).toMatchObject({ heads: 0 });
  });

  test.each([
    ["a hash of five bytes", { hash: Buffer.alloc(5) }],
    ["a chain that is no UUID", { chain_id: "someone's" }],
    ["a place that is none", { seq: 0 }],
  ])("leaves out %s, and says so", async (_what, members) => {
    const { services, clock, keep, anchor } = await start();
    const chain = chainOf(1, { from: clock.now() });
    const bad = { ...rowOf(chainOf(1, { from: clock.now() })[0] as AuditRecord), ...members };
    const db = services.database.queries.withTables<{ audit_events: typeof bad }>();
    await db.insertInto("audit_events").values(bad).execute();
    await keep(chain);
    const { result, told } = await heard("audit.records_unreadable", anchor);
    expect(result).toMatchObject({ anchors: 1, heads: 1 });
    expect(told).toHaveLength(1);
    expect((await anchorsOf(services))[0]?.heads).toEqual(sorted(chain));
  });

  test("of a chain whose time is to come waits until that has come, and takes it once", async () => {
    const { clock, keep, anchor } = await start();
    await keep(chainOf(1, { from: addSeconds(clock.now(), 7200) }));
    for (let count = 0; count < 3; count += 1) {
      expect(await anchor()).toMatchObject({ anchors: 0 });
      clock.advance(2400);
    }
    expect(await anchor()).toMatchObject({ anchors: 1, heads: 1 });
    clock.advance(4800);
    expect(await anchor({ lookBackSeconds: 2 * 86_400 })).toMatchObject({ anchors: 0 });
  });

  test("goes on after an anchor that somebody has made unreadable", async () => {
    const { services, clock, keep, anchor } = await start();
    const chain = chainOf(1, { from: clock.now() });
    await keep(chain);
    const db = services.database.queries.withTables<{
      audit_anchors: { number: number; anchored_at: Date; jws: string };
    }>();
    const row = { number: 1, anchored_at: clock.now(), jws: "no anchor" };
    await db.insertInto("audit_anchors").values(row).execute();
    const { result, told } = await heard("audit.anchor_unknown", anchor);
    expect(result).toMatchObject({ anchors: 1, heads: 1 });
    expect(told).toHaveLength(1);
    expect((await anchorRows(services)).map(({ number }) => number)).toEqual([1, 2]);
  });

  test("of ten thousand chains takes one anchor", async () => {
    const { services, clock, keep, anchor } = await start();
    const chains = Array.from({ length: 10_000 }, () => chainOf(2, { from: clock.now(), chain: randomUUID() }));
    await keep(...chains);
    clock.advance(300);
    expect(await anchor()).toMatchObject({ anchors: 1, heads: 10_000 });
    expect(await anchor()).toMatchObject({ anchors: 0 });
    const [row] = await anchorRows(services);
    expect(row?.jws.length).toBeLessThan(2_500_000);
  });
});
