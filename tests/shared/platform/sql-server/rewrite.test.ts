import { DummyDriver, Kysely, MssqlAdapter, MssqlIntrospector, sql, type Compilable } from "kysely";
import { describe, expect, test } from "vitest";
import {
  compileForSqlServer,
  SqlServerQueryCompiler,
} from "../../../../shared/platform/database/sql-server/compiler.ts";
import { SqlServerRewrite } from "../../../../shared/platform/database/sql-server/rewrite.ts";
import { prepared, type ParameterOf } from "../../../../shared/platform/database/prepared.ts";

type Tables = { things: { id: string; is_on: boolean | null; at: Date | null; bytes: Buffer | null; count: number } };

const db = new Kysely<Tables>({
  dialect: {
    createAdapter: () => new MssqlAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (queries) => new MssqlIntrospector(queries),
    createQueryCompiler: () => new SqlServerQueryCompiler(),
  },
  plugins: [new SqlServerRewrite()],
});

const text = (query: Compilable) => query.compile().sql;
const all = db.selectFrom("things").selectAll();
const row = { id: "a", is_on: true, at: null, bytes: null, count: 1 };

describe("a query, sent to SQL Server,", () => {
  test.each([
    [
      "an insert that returns columns, outputs what was inserted",
      db.insertInto("things").values({ id: "a", count: 1 }).returning(["id", "is_on as on"]),
      'insert into "things" ("id", "count") output "inserted"."id", "inserted"."is_on" as "on" values (@1, @2)',
    ],
    [
      "an update that returns all, outputs what it has become",
      db.updateTable("things").set({ is_on: false }).where("id", "=", "a").returningAll(),
      'update "things" set "is_on" = @1 output "inserted".* where "id" = @2',
    ],
    [
      "a delete that returns a column of a named table, outputs what was deleted",
      db.deleteFrom("things").where("id", "=", "a").returning("things.id"),
      'delete from "things" output "deleted"."id" where "id" = @1',
    ],
    [
      "a limit, becomes top with a parameter",
      all.orderBy("id").limit(5),
      'select top(@1) * from "things" order by "id"',
    ],
    [
      "an offset with a limit, becomes offset and fetch",
      all.orderBy("id").limit(5).offset(10),
      'select * from "things" order by "id" offset @1 rows fetch next @2 rows only',
    ],
    [
      "an offset alone, becomes offset",
      all.orderBy("id").offset(10),
      'select * from "things" order by "id" offset @1 rows',
    ],
    [
      "a limit on a union, counts the union",
      all.union(all).orderBy("id").limit(1),
      'select * from "things" union select * from "things" order by "id" offset 0 rows fetch next @1 rows only',
    ],
    [
      "a limit in a subquery, becomes top there",
      db.deleteFrom("things").where("id", "in", db.selectFrom("things").select("id").orderBy("at").limit(100)),
      'delete from "things" where "id" in (select top(@1) "id" from "things" order by "at")',
    ],
    [
      "a null, is a literal: a bound one would be text, which varbinary refuses",
      db.insertInto("things").values(row),
      'insert into "things" ("id", "is_on", "at", "bytes", "count") values (@1, @2, null, null, @3)',
    ],
    [
      "a literal boolean, is a bit",
      db.updateTable("things").set({ is_on: sql.lit(true) }),
      'update "things" set "is_on" = 1',
    ],
  ])("%s", (_what, query, expected) => expect(text(query)).toBe(expected));

  test.each([
    [
      "on conflict",
      () =>
        db
          .insertInto("things")
          .values(row)
          .onConflict((on) => on.doNothing()),
    ],
    ["insert or ignore", () => db.insertInto("things").orIgnore().values(row)],
    ["returning an expression", () => db.deleteFrom("things").returning(sql<number>`1`.as("one"))],
    ["for update", () => all.forUpdate()],
    ["an offset without an order", () => all.offset(1)],
  ])("with %s, is refused when it is built", (_what, build) => expect(() => text(build())).toThrow("SQL Server"));

  test("built on another engine, compiles to the same text", () => {
    const sqlite = new Kysely<Tables>({
      dialect: {
        createAdapter: () => new MssqlAdapter(),
        createDriver: () => new DummyDriver(),
        createIntrospector: (queries) => new MssqlIntrospector(queries),
        createQueryCompiler: () => new SqlServerQueryCompiler(),
      },
    });
    const { query, queryId } = sqlite.deleteFrom("things").returning("id").compile();
    expect(compileForSqlServer(query, queryId).sql).toBe('delete from "things" output "deleted"."id"');
  });

  test("prepared once, keeps its parameters in the order of the text", async () => {
    const sent: unknown[] = [];
    const query = prepared((queries: Kysely<Tables>, param: ParameterOf<{ id: string; rows: number }>) => ({
      compile: () => {
        const compiled = queries
          .selectFrom("things")
          .select("id")
          .where("id", ">", param("id"))
          .limit(param("rows"))
          .compile();
        sent.push(compiled.sql, compiled.parameters.length);
        return compiled;
      },
    }));
    await query(db, { id: "a", rows: 2 });
    await query(db, { id: "b", rows: 3 });
    expect(sent).toEqual(['select top(@1) "id" from "things" where "id" > @2', 2]);
  });
});
