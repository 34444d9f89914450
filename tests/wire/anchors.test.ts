import { afterAll, describe, expect, test } from "vitest";
import { loadConfig } from "../../shared/config.ts";
import { createServices } from "../../shared/services.ts";
import { anchorsOf } from "../support/anchors.ts";
import { chainOf, keepRecords } from "../support/audit-records.ts";
import { createTestClock } from "../support/clock.ts";
import { testSettings } from "../support/settings.ts";
import { canary, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
const settings = {
  ...testSettings,
  DB_SERVER: "127.0.0.1",
  DB_PORT: String(server.port),
  DB_DATABASE: "latchkey",
  DB_USERNAME: "latchkey",
  DB_PASSWORD: canary,
};
const clock = createTestClock();
const services = createServices(loadConfig(settings), clock);
afterAll(() => services.close());

const keepChains = async (count: number) => {
  clock.advance(300);
  for (let place = 0; place < count; place += 1)
    await keepRecords(services.database.queries, chainOf(2, { from: clock.now() }));
};

describe("19.3 anchors on SQL Server", () => {
  test("are written and read whole, however long, and find what has grown", async () => {
    await keepChains(80);
    expect(await services.anchors.anchor(clock.now())).toMatchObject({ anchors: 1, heads: 80 });
    await keepChains(1);
    expect(await services.anchors.anchor(clock.now())).toMatchObject({ anchors: 1, heads: 1 });
    expect(await services.anchors.anchor(clock.now())).toMatchObject({ anchors: 0 });
    const [first, second] = await anchorsOf(services);
    expect([first?.heads.length, second?.heads.length]).toEqual([80, 1]);
  });

  test("whose insert took effect and its answer was lost are there once", async () => {
    const before = (await anchorsOf(services)).length;
    await keepChains(2);
    let isSpent = false;
    server.script.request = ({ sql }, run) => {
      if (!sql.startsWith('insert into "audit_anchors"') || isSpent) return run();
      isSpent = true;
      run();
      return "drop";
    };
    await services.anchors.anchor(clock.now());
    expect(isSpent).toBe(true);
    server.script = {};
    const anchors = await anchorsOf(services);
    expect(anchors.length).toBe(before + 1);
    expect(anchors.map(({ number }) => number)).toEqual(anchors.map((_anchor, place) => place + 1));
    expect(await services.anchors.anchor(clock.now())).toMatchObject({ anchors: 0 });
  });
});
