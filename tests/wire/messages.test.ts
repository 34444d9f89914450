// What travels to SQL Server together, and what comes of it where a part fails.
import { beforeEach, describe, expect, test } from "vitest";
import { DuplicateKeyError, isDuplicate } from "../../shared/platform/database/errors.ts";
import { prepared, type ParameterOf } from "../../shared/platform/database/prepared.ts";
import type { TdsAnswer } from "../support/tds/server.ts";
import { connectTo, lostAnswers, once, refusal, starts, startServerWithData, stepsOf } from "./sql-server.ts";

type Tables = { things: { id: string; count: number } };

const server = await startServerWithData(
  {},
  "create table things (id nvarchar(40) not null primary key, count int null)",
);
const database = connectTo(server.port);
const things = (queries = database.queries) => queries.withTables<Tables>();
const put = prepared((db: ReturnType<typeof things>, param: ParameterOf<{ id: string; count: number }>) =>
  db.insertInto("things").values({ id: param("id"), count: param("count") }),
);
const error = (number: number): TdsAnswer => ({ error: { number, message: `fault ${number}` } });
const all = async () => (await things().selectFrom("things").select("id").orderBy("id").execute()).map(({ id }) => id);

beforeEach(async () => {
  server.script = {};
  await things().deleteFrom("things").execute();
  server.requests.length = 0;
});

describe("a transaction's messages:", () => {
  test("begin travels with the first statement, what nobody waits for with the commit", async () => {
    await database.transaction(async (tx) => {
      await put(things(tx), { id: "a", count: 1 });
      await put.later(things(tx), { id: "b", count: 2 });
      await put.later(things(tx), { id: "c", count: 3 });
    });
    expect(server.requests.map(({ sql }) => sql)).toEqual([
      'begin transaction;\ninsert into "things" ("id", "count") values (@1, @2)',
      'insert into "things" ("id", "count") values (@1, @2);\nif @@error <> 0 return;\ninsert into "things" ("id", "count") values (@3, @4);\nif @@error <> 0 return;\ncommit transaction',
    ]);
    expect(server.requests[1]?.parameters).toEqual(["b", 2, "c", 3]);
    expect(await all()).toEqual(["a", "b", "c"]);
  });

  test("what nobody waits for travels before the next statement, whose rows and count are its own", async () => {
    await database.transaction(async (tx) => {
      await put.later(things(tx), { id: "a", count: 1 });
      const set = things(tx).updateTable("things").set({ count: 7 }).where("count", ">", 0);
      expect(await set.returning(["id", "count"]).execute()).toEqual([{ id: "a", count: 7 }]);
      await put.later(things(tx), { id: "b", count: 1 });
      expect(await set.executeTakeFirst()).toEqual({ numUpdatedRows: 2n });
    });
    expect(server.requests.map(({ kind, statements }) => [kind, statements.length])).toEqual([
      ["begin", 2],
      ["query", 2],
      ["commit", 0],
    ]);
  });

  test("one that sends nothing sends nothing", async () => {
    await database.transaction(async () => undefined);
    await expect(database.transaction(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(server.requests).toEqual([]);
  });

  test("all of one travels at once where nobody waits for any of it", async () => {
    await database.transaction((tx) => put.later(things(tx), { id: "a", count: 1 }));
    expect([server.requests.length, stepsOf(server).length, await all()]).toEqual([1, 3, ["a"]]);
  });

  test("what is thrown before it was sent is never sent", async () => {
    const failing = database.transaction(async (tx) => {
      await put.later(things(tx), { id: "a", count: 1 });
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(server.requests).toEqual([]);
  });

  test("outside a transaction there is nothing to travel with", async () => {
    await put.later(things(), { id: "a", count: 1 });
    expect([server.requests.length, await all()]).toEqual([1, ["a"]]);
  });
});

describe("where a part of a message fails,", () => {
  test("what comes after it does not run, and the caller has its error", async () => {
    await put(things(), { id: "a", count: 1 });
    const failing = database.transaction(async (tx) => {
      await put(things(tx), { id: "b", count: 1 });
      await put.later(things(tx), { id: "a", count: 2 });
      await put.later(things(tx), { id: "c", count: 3 });
    });
    await expect(failing).rejects.toBeInstanceOf(DuplicateKeyError);
    expect([server.requests.at(-1)?.kind, await all()]).toEqual(["rollback", ["a"]]);
  });

  test("a begin whose statement fails has begun all the same: the transaction goes on", async () => {
    await put(things(), { id: "a", count: 1 });
    server.requests.length = 0;
    await database.transaction(async (tx) => {
      expect(await isDuplicate(put(things(tx), { id: "a", count: 1 }))).toBe(true);
      await put(things(tx), { id: "b", count: 1 });
    });
    expect(server.requests.map(({ kind }) => kind)).toEqual(["begin", "query", "commit"]);
    expect(await all()).toEqual(["a", "b"]);
  });

  test.each([
    ["with the begin", 'insert into "things"'],
    ["with the commit", 'update "things"'],
  ])("by a deadlock (1205), %s, all is undone and runs again", async (_where, statement) => {
    const raise = prepared((db: ReturnType<typeof things>, param: ParameterOf<{ by: number }>) =>
      db.updateTable("things").set({ count: param("by") }),
    );
    once(server, starts(statement), () => error(1205));
    await database.transaction(async (tx) => {
      await put(things(tx), { id: "a", count: 1 });
      await raise.later(things(tx), { by: 2 });
    });
    expect(stepsOf(server).filter((step) => step === "begin")).toHaveLength(2);
    expect(await things().selectFrom("things").selectAll().execute()).toEqual([{ id: "a", count: 2 }]);
  });

  test("a statement after the server has undone the transaction never runs by itself", async () => {
    once(server, starts("insert"), (run) => (run(), error(1205)));
    let attempts = 0;
    await database.transaction(async (tx) => {
      attempts += 1;
      await put(things(tx), { id: `a${attempts}`, count: 1 }).catch(() => undefined);
      await put(things(tx), { id: `b${attempts}`, count: 1 });
    });
    expect([attempts, await all()]).toEqual([2, ["a2", "b2"]]);
  });

  test.each(lostAnswers)("an answer to begin and statement that is lost %s: all runs again", async (_when, reply) => {
    once(server, ({ kind }) => kind === "begin", reply);
    await database.transaction((tx) => put(things(tx), { id: "a", count: 1 }));
    expect(await all()).toEqual(["a"]);
  });

  describe.each(lostAnswers)("an answer to a write with its commit, lost %s,", (when, reply) => {
    const work = async (tx: typeof database.queries) => {
      const there = await things(tx).selectFrom("things").select("id").where("id", "=", "a").executeTakeFirst();
      if (!there) await put.later(things(tx), { id: "a", count: 1 });
    };

    test("leaves it unknown, and is not repeated", async () => {
      once(server, ({ kind }) => kind === "commit", reply);
      const thrown = await refusal(database.transaction(work));
      expect([thrown.isEffectUnknown, await all()]).toEqual([true, when.startsWith("before") ? [] : ["a"]]);
    });

    test("is repeated where the work allows it, and leaves one row", async () => {
      once(server, ({ kind }) => kind === "commit", reply);
      await database.transaction(work, { isRepeatable: true });
      expect(await all()).toEqual(["a"]);
    });
  });

  test("a commit that finds its connection closed was never sent: all runs again", async () => {
    let attempts = 0;
    await database.transaction(async (tx) => {
      attempts += 1;
      await put(things(tx), { id: "a", count: 1 });
      await put.later(things(tx), { id: "b", count: 1 });
      if (attempts > 1) return;
      server.dropAll();
      await things(tx)
        .selectFrom("things")
        .select("id")
        .execute()
        .catch(() => undefined);
      await put.later(things(tx), { id: "c", count: 1 });
    });
    expect([attempts, await all()]).toEqual([2, ["a", "b"]]);
  });
});
