import { describe, expect, test } from "vitest";
import { DuplicateKeyError, ForeignKeyError } from "../../shared/platform/database/errors.ts";
import { prepared, type ParameterOf } from "../../shared/platform/database/prepared.ts";
import { connectTo, startServerWithData } from "./sql-server.ts";

interface ThingsTable {
  id: string;
  is_on: boolean | null;
  at: Date | null;
  bytes: Buffer | null;
  count: number | null;
  big: string | number | null;
  name: string | null;
}
type Tables = { things: ThingsTable };

const server = await startServerWithData(
  {},
  `create table things (id uniqueidentifier not null primary key, is_on bit null, at datetime2(3) null,
   bytes varbinary(32) null, count int null, big bigint null, name nvarchar(50) null);
   create table parts (thing_id uniqueidentifier not null references things (id));`,
);
const database = connectTo(server.port);
const db = database.queries.withTables<Tables>();

const row = {
  id: "0b9e1c1e-0000-8000-8000-000000000001",
  is_on: true,
  at: new Date("2026-01-15T12:00:00.678Z"),
  bytes: Buffer.from([0, 255]),
  count: 7,
  big: 9_000_000_000,
  name: "Ada é 🔑",
};
const nothing = { is_on: null, at: null, bytes: null, count: null, big: null, name: null };

describe("SQL Server, over the wire,", () => {
  test("gives values back as they were put in: instants to the millisecond, booleans, bytes, ids in lower case", async () => {
    const returned = await db.insertInto("things").values(row).returningAll().executeTakeFirstOrThrow();
    expect(returned).toEqual({ ...row, big: "9000000000" });
    const empty = { id: "10000000-0000-8000-8000-000000000001", ...nothing };
    await db.insertInto("things").values(empty).execute();
    expect(await db.selectFrom("things").selectAll().orderBy("id").limit(1).offset(1).execute()).toEqual([empty]);
  });

  test("binds each value with a type that does not depend on its length", () => {
    const insert = server.requests.find(({ sql }) => sql.startsWith("insert"));
    expect(insert?.declarations).toBe(
      "@1 nvarchar(4000), @2 bit, @3 datetime2(3), @4 varbinary(8000), @5 int, @6 bigint, @7 nvarchar(4000)",
    );
    expect(insert?.parameters[2]).toEqual(row.at);
  });

  test("a text or binary that is longer than its type goes whole", async () => {
    const long = "x".repeat(5000);
    await db.updateTable("things").set({ name: long }).where("id", "=", row.id).execute();
    const found = await db.selectFrom("things").select("id").where("name", "=", long).executeTakeFirst();
    expect(found?.id).toBe(row.id);
    expect(server.requests.at(-1)?.declarations).toContain("nvarchar(max)");
  });

  test("an update says how many rows it has changed", async () => {
    const { numUpdatedRows } = await db.updateTable("things").set({ count: 1 }).executeTakeFirstOrThrow();
    expect(numUpdatedRows).toBe(2n);
  });

  test("a prepared query runs with its parameters, on the pool and in a transaction", async () => {
    const byId = prepared((queries: typeof db, param: ParameterOf<{ id: string }>) =>
      queries.selectFrom("things").select("count").where("id", "=", param("id")).limit(1),
    );
    expect(await byId(db, { id: row.id })).toEqual([{ count: 1 }]);
    const inside = await database.transaction((tx) => byId(tx.withTables<Tables>(), { id: row.id }));
    expect(inside).toEqual([{ count: 1 }]);
  });

  test("duplicate and foreign keys are the errors that both engines share", async () => {
    await expect(db.insertInto("things").values(row).execute()).rejects.toBeInstanceOf(DuplicateKeyError);
    const parts = database.queries.withTables<{ parts: { thing_id: string } }>();
    const orphan = parts.insertInto("parts").values({ thing_id: "20000000-0000-8000-8000-000000000001" }).execute();
    await expect(orphan).rejects.toBeInstanceOf(ForeignKeyError);
  });

  test("what a transaction throws undoes all of it", async () => {
    const failing = database.transaction(async (tx) => {
      await tx.withTables<Tables>().deleteFrom("things").execute();
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await db.selectFrom("things").select("id").execute()).toHaveLength(2);
  });

  test("a fault of ours stays what it is", async () => {
    const nonsense = db
      .selectFrom("things")
      .select("nonsense" as "id")
      .execute();
    await expect(nonsense).rejects.toMatchObject({ code: "EREQUEST", number: 50000 });
  });

  test("pings", async () => expect(await database.ping()).toBeUndefined());
});
