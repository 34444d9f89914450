import { beforeEach, describe, expect, test } from "vitest";
import type { Database } from "../../shared/platform/database/database.ts";
import type { TdsAnswer, TdsScript } from "../support/tds/server.ts";
import { connectTo, refusal, startServerWithData } from "./sql-server.ts";

type Tables = { things: { id: string; count: number } };

const server = await startServerWithData(
  {},
  "create table things (id nvarchar(40) not null primary key, count int null)",
);
const database = connectTo(server.port);
const things = (queries = database.queries) => queries.withTables<Tables>();
const error = (number: number): TdsAnswer => ({ error: { number, message: `fault ${number}` } });

const countOf = (start: string) => server.requests.filter(({ sql, kind }) => (sql || kind).startsWith(start)).length;
const stored = async () => (await things().selectFrom("things").select(["id", "count"]).execute()).length;

beforeEach(async () => {
  server.script = {};
  await things().deleteFrom("things").execute();
  server.requests.length = 0;
});

describe("a statement outside a transaction", () => {
  test.each(["drop", "end"] as const)("that reads, runs again on another connection after %s", async (fault) => {
    server.script = once(
      (sql) => sql.startsWith("select"),
      () => fault,
    );
    expect(await things().selectFrom("things").select("id").execute()).toEqual([]);
    expect(countOf("select")).toBe(2);
  });

  test.each([
    [596, 21, "a session that was ended"],
    [701, 17, "a server that is short of memory"],
    [64321, 20, "an unknown number of a fatal severity"],
  ])("that reads, runs again after %i, %s %s", async (number, severity) => {
    server.script = once(
      (sql) => sql.startsWith("select"),
      () => ({ error: { number, message: "x", severity } }),
    );
    expect(await things().selectFrom("things").select("id").execute()).toEqual([]);
    expect(countOf("select")).toBe(2);
  });

  test.each(["drop", "end", "silence", "half"] as const)(
    "that writes, is not repeated after %s: it may have taken effect",
    async (fault) => {
      server.script = once(
        (sql) => sql.startsWith("insert"),
        (run) => (run(), fault),
      );
      const thrown = await refusal(things().insertInto("things").values({ id: "a", count: 1 }).execute());
      expect([thrown.isEffectUnknown, thrown.status, countOf("insert")]).toEqual([true, 503, 1]);
      expect(await stored()).toBe(1);
    },
  );

  test("that writes, runs again when the server has answered that it failed", async () => {
    server.script = once(
      (sql) => sql.startsWith("insert"),
      () => error(1205),
    );
    await things().insertInto("things").values({ id: "a", count: 1 }).execute();
    expect([countOf("insert"), await stored()]).toEqual([2, 1]);
  });

  test("on a connection that was closed while it was idle, gets another and never notices", async () => {
    await database.ping();
    server.dropAll();
    await new Promise((resolve) => setTimeout(resolve, 50));
    // Timers come before what the sockets have to say: on a busy machine, both may be due at once.
    for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await things().insertInto("things").values({ id: "a", count: 1 }).execute();
    expect([countOf("insert"), await stored()]).toEqual([1, 1]);
  });
});

describe("a transaction", () => {
  test.each([1205, 40197, 40501, 40613, 10928, 10929, 49918, 10053, 10054, 10060, 233, 64])(
    "with error %i, runs again as a whole",
    async (number) => {
      server.script = once(
        (sql) => sql.startsWith("insert"),
        () => error(number),
      );
      await addIn(database, "a");
      expect([countOf("begin"), countOf("insert"), await stored()]).toEqual([2, 2, 1]);
    },
  );

  test.each(["drop", "end", "silence", "half"] as const)(
    "with %s in a statement, runs again as a whole",
    async (fault) => {
      server.script = once(
        (sql) => sql.startsWith("insert"),
        (run) => (run(), fault),
      );
      await addIn(database, "a");
      expect([countOf("begin"), await stored()]).toEqual([2, 1]);
    },
  );

  test("whose begin is dropped, runs again", async () => {
    server.script = once(
      (_sql, kind) => kind === "begin",
      () => "drop",
    );
    await addIn(database, "a");
    expect(await stored()).toBe(1);
  });

  test("that meets the same fault again and again, is a 503 after the budget", async () => {
    server.script = { request: (request, run) => (request.sql.startsWith("insert") ? error(1205) : run()) };
    const startedAt = performance.now();
    const thrown = await refusal(addIn(database, "a"));
    expect(performance.now() - startedAt).toBeLessThan(2500);
    expect([thrown.code, thrown.options.retryAfterSeconds]).toEqual(["DATABASE_UNAVAILABLE", 1]);
    expect(countOf("insert")).toBeGreaterThan(3);
  });

  test("with a fault of ours, runs once", async () => {
    server.script = { request: (request, run) => (request.sql.startsWith("insert") ? error(8152) : run()) };
    await expect(addIn(database, "a")).rejects.toMatchObject({ number: 8152 });
    expect(countOf("insert")).toBe(1);
  });

  test("whose rollback is not answered, gives its connection up", async () => {
    server.script = {
      request: ({ sql, kind }, run) => (kind === "rollback" ? "drop" : sql.startsWith("insert") ? error(8152) : run()),
    };
    await expect(addIn(database, "a")).rejects.toMatchObject({ number: 8152 });
    server.script = {};
    expect(await stored()).toBe(0);
  });
});

describe("a commit", () => {
  const lost = {
    "dropped before it was taken": () => "drop",
    "ended before it was taken": () => "end",
    "dropped after it was taken": (run: () => TdsAnswer) => (run(), "drop"),
    "taken, and answered by silence": (run: () => TdsAnswer) => (run(), "silence"),
  } as const satisfies Record<string, (run: () => TdsAnswer) => TdsAnswer>;
  const cases = Object.entries(lost).map(([name, reply]) => [name, reply] as const);

  test.each(cases)("%s, is not repeated: nobody knows", { timeout: 120_000 }, async (name, reply) => {
    server.script = once((_sql, kind) => kind === "commit", reply);
    const thrown = await refusal(addIn(database, "a"));
    expect([thrown.isEffectUnknown, thrown.reason, countOf("begin")]).toEqual([
      true,
      "the answer to a commit was lost",
      1,
    ]);
    expect(await stored()).toBe(name.includes("before") ? 0 : 1);
  });

  test.each(cases)(
    "%s, is repeated where the work allows it, and leaves one row",
    { timeout: 120_000 },
    async (_name, reply) => {
      server.script = once((_sql, kind) => kind === "commit", reply);
      await addIn(database, "a", true);
      expect([countOf("begin"), await stored()]).toEqual([2, 1]);
    },
  );

  test("that finds its connection closed, was never sent: the transaction runs again", async () => {
    let attempts = 0;
    await database.transaction(async (tx) => {
      attempts += 1;
      await things(tx).insertInto("things").values({ id: "a", count: 1 }).execute();
      if (attempts > 1) return;
      server.dropAll();
      await new Promise((resolve) => setTimeout(resolve, 50));
    });
    expect([attempts, await stored()]).toEqual([2, 1]);
  });
});

/** Scripts one fault: the first request that fits is answered so, the others as they should be. */
function once(fits: (sql: string, kind: string) => boolean, reply: (run: () => TdsAnswer) => TdsAnswer): TdsScript {
  let isSpent = false;
  return {
    request(request, run) {
      if (isSpent || !fits(request.sql, request.kind)) return run();
      isSpent = true;
      return reply(run);
    },
  };
}

/** Adds a row, in a transaction. */
function addIn(target: Database, id: string, isRepeatable = false): Promise<unknown> {
  return target.transaction(
    async (tx) => {
      const there = await things(tx).selectFrom("things").select("id").where("id", "=", id).executeTakeFirst();
      if (!there) await things(tx).insertInto("things").values({ id, count: 1 }).execute();
    },
    { isRepeatable },
  );
}
