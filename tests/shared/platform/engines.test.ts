// What both engines do alike, on whichever these tests run.
import { copyFileSync, globSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, describe, expect, inject, test } from "vitest";
import { systemClock } from "../../../shared/platform/clock.ts";
import { createDatabase } from "../../../shared/platform/database/database.ts";
import { DuplicateKeyError, ForeignKeyError } from "../../../shared/platform/database/errors.ts";
import { openMigrationTarget } from "../../../shared/platform/database/migration-target.ts";
import { quotedBytes, readQuotedBytes } from "../../../shared/platform/database/quoted-bytes.ts";
import { prepared, type ParameterOf } from "../../../shared/platform/database/prepared.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { emptyDatabase, freshDatabase, optionsOf } from "../../support/database.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { whenDone } from "../../support/when-done.ts";

const migrationsFolder = folderWithThings();

type Tables = { things: ThingsTable; parts: { thing_id: string } };

const database = createDatabase({ ...optionsOf(await freshDatabase(migrationsFolder)), migrationsFolder });
const db = database.queries.withTables<Tables>();
afterAll(() => database.close());

const row = {
  id: "0b9e1c1e-0000-8000-8000-000000000001",
  is_on: true,
  at: new Date("2026-01-15T12:00:00.678Z"),
  bytes: Buffer.from([0, 255]),
  count: 7,
  name: "Ada é 🔑",
};

describe(`the database (${inject("engine")})`, () => {
  test("gives values back as they were put in, by the declared type of the column", async () => {
    const empty = { id: "10000000-0000-8000-8000-000000000001", ...nothing };
    expect(await db.insertInto("things").values(row).returningAll().executeTakeFirstOrThrow()).toEqual(row);
    await db.insertInto("things").values(empty).execute();
    expect(await db.selectFrom("things").selectAll().orderBy("id").execute()).toEqual([row, empty]);
    const update = db.updateTable("things").set({ is_on: false }).where("is_on", "=", true);
    expect(await update.returning(["is_on as off", "at"]).execute()).toEqual([{ off: false, at: row.at }]);
    const gone = await db.deleteFrom("things").where("bytes", "=", row.bytes).returning("count").execute();
    expect(gone).toEqual([{ count: 7 }]);
  });

  test("hands bytes over as quoted ones, and a null as null", async () => {
    const [full, empty] = [{ ...another(), bytes: row.bytes }, another()];
    await db.insertInto("things").values(full).execute();
    await db.insertInto("things").values(empty).execute();
    const found = async ({ id }: { id: string }) =>
      (await db.selectFrom("things").select(quotedBytes("bytes")).where("id", "=", id).executeTakeFirst())?.bytes;
    expect(readQuotedBytes(await found(full))).toBe(row.bytes.toString("base64url"));
    expect(readQuotedBytes(await found(empty))).toBeNull();
    expect(readQuotedBytes("'a text'")).toBeUndefined();
    const long = Buffer.alloc(100, 7);
    expect(readQuotedBytes(`X'${long.toString("hex")}'`)).toBe(long.toString("base64url"));
  });

  test("takes a limit, alone, with an offset and in a query within a query", async () => {
    await db.deleteFrom("things").execute();
    for (const count of [3, 1, 2])
      await db
        .insertInto("things")
        .values({ ...another(), count })
        .execute();
    const ordered = db.selectFrom("things").select("count").orderBy("count");
    expect(await ordered.limit(2).execute()).toEqual([{ count: 1 }, { count: 2 }]);
    expect(await ordered.limit(2).offset(1).execute()).toEqual([{ count: 2 }, { count: 3 }]);
    const first = db.selectFrom("things").select("id").orderBy("count").limit(1);
    expect(await db.deleteFrom("things").where("id", "in", first).returning("count").execute()).toEqual([{ count: 1 }]);
  });

  test("runs a prepared query with its parameters, on the pool and in a transaction", async () => {
    const thing = { ...another(), count: 9 };
    await db.insertInto("things").values(thing).execute();
    const byId = prepared((queries: typeof db, param: ParameterOf<{ id: string; count: number }>) =>
      queries.selectFrom("things").select("count").where("id", "=", param("id")).where("count", "=", param("count")),
    );
    expect(await byId(db, { id: thing.id, count: 9 })).toEqual([{ count: 9 }]);
    expect(await byId(db, { id: thing.id, count: 8 })).toEqual([]);
    const inside = database.transaction((tx) => byId(tx.withTables<Tables>(), { id: thing.id, count: 9 }));
    expect(await inside).toEqual([{ count: 9 }]);
  });

  test("a duplicate key, of a constraint or of an index, is one error; a filtered index lets any number of nulls be", async () => {
    const [one, other] = [another(), another()];
    await db.insertInto("things").values([one, other]).execute();
    await expect(db.insertInto("things").values(one).execute()).rejects.toBeInstanceOf(DuplicateKeyError);
    const name = (id: string) => db.updateTable("things").set({ name: "taken" }).where("id", "=", id).execute();
    await name(one.id);
    await expect(name(other.id)).rejects.toBeInstanceOf(DuplicateKeyError);
  });

  test("a reference to no row, and the removal of a row that is referred to, are one error", async () => {
    const thing = another();
    const refer = () => db.insertInto("parts").values({ thing_id: thing.id }).execute();
    await expect(refer()).rejects.toBeInstanceOf(ForeignKeyError);
    await db.insertInto("things").values(thing).execute();
    await refer();
    await expect(db.deleteFrom("things").where("id", "=", thing.id).execute()).rejects.toBeInstanceOf(ForeignKeyError);
  });

  test("what a transaction throws undoes all of it, and it is fit for another", async () => {
    const thing = another();
    const failing = database.transaction(async (tx) => {
      await tx.withTables<Tables>().insertInto("things").values(thing).execute();
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    const find = () => db.selectFrom("things").select("id").where("id", "=", thing.id).execute();
    expect(await find()).toEqual([]);
    await database.transaction((tx) => tx.withTables<Tables>().insertInto("things").values(thing).execute());
    expect(await find()).toHaveLength(1);
  });

  test("of 50 that use up one row at once, one gets it", async () => {
    const thing = { ...another(), is_on: true };
    await db.insertInto("things").values(thing).execute();
    const useUp = () =>
      database.transaction(async (tx) =>
        tx
          .withTables<Tables>()
          .updateTable("things")
          .set({ is_on: false })
          .where("id", "=", thing.id)
          .where("is_on", "=", true)
          .returning("id")
          .execute(),
      );
    const answers = await Promise.all(Array.from({ length: 50 }, useUp));
    expect(answers.flat()).toEqual([{ id: thing.id }]);
  });

  // eslint-disable-next-line vitest/no-conditional-tests -- SQLite keeps ids as text, in whatever order
  if (inject("engine") === "sql-server")
    test("new ids go to the end of a clustered key", async () => {
      await db.deleteFrom("parts").execute();
      await db.deleteFrom("things").execute();
      const ids = Array.from({ length: 20 }, (_, index) => newId(new Date(1_700_000_000_000 + index * 1000)));
      for (const id of ids.toReversed())
        await db
          .insertInto("things")
          .values({ ...nothing, id })
          .execute();
      const found = await db.selectFrom("things").select("id").orderBy("id").execute();
      expect(found.map(({ id }) => id)).toEqual(ids);
    });
});

describe(`the migrations (${inject("engine")})`, () => {
  test("by ten processes at once run each file once, leave what they declare, and find nothing more to do", async () => {
    const options = { ...optionsOf(await emptyDatabase()), migrationsFolder: "sql" };
    const targets = Array.from({ length: 10 }, () => openMigrationTarget(options));
    whenDone(() => Promise.all(targets.map((target) => target.close())));
    const applied = (await Promise.all(targets.map((target) => target.up(systemClock.now())))).flat();
    const [first] = targets;
    expect(applied.toSorted()).toEqual(first?.migrations.map(({ name }) => name).toSorted());
    expect(await first?.verify()).toEqual({ missing: [], unexpected: [] });
    expect(await first?.up(systemClock.now())).toEqual([]);
  });

  test("0007 gives the sessions that are there places of their own", async () => {
    const before = temporaryFolder();
    for (const file of globSync("sql/000[1-6]_*.sql")) copyFileSync(file, path.join(before, path.basename(file)));
    const settings = await freshDatabase(before);
    const open = (folder: string) => createDatabase({ ...optionsOf(settings), migrationsFolder: folder });
    const now = systemClock.now();
    const [user, ...sessions] = Array.from({ length: 6 }, () => newId(now));
    const old = open(before);
    const tables = old.queries.withTables<Record<"users" | "sessions", Record<string, unknown>>>();
    const dates = { created_at: now, updated_at: now };
    await tables
      .insertInto("users")
      .values({ id: user, username: "Ada", is_active: true, ...dates })
      .execute();
    for (const id of sessions)
      await tables.insertInto("sessions").values({ id, user_id: user, created_at: now, expires_at: now }).execute();
    await old.close();
    const target = openMigrationTarget({ ...optionsOf(settings), migrationsFolder: "sql" });
    await target.up(now).finally(() => target.close());
    const migrated = open("sql");
    whenDone(() => migrated.close());
    const rows = await migrated.queries
      .withTables<{ sessions: { status_index: number | null } }>()
      .selectFrom("sessions")
      .select("status_index")
      .execute();
    expect(rows.map(({ status_index: index }) => index).toSorted()).toEqual([0, 1, 2, 3, 4]);
  });
});

/** A folder whose one migration makes the tables of these tests. */
function folderWithThings(): string {
  const folder = temporaryFolder();
  writeFileSync(
    path.join(folder, "0001_things.sql"),
    `create table things (
  id uniqueidentifier not null constraint pk_things primary key,
  is_on bit null, at datetime2(3) null, bytes varbinary(32) null, count int null, name nvarchar(50) null
);
create unique index ux_things_name on things (name) where name is not null;
create table parts (
  thing_id uniqueidentifier not null constraint fk_parts_things references things (id)
);
`,
  );
  return folder;
}

interface ThingsTable {
  id: string;
  is_on: boolean | null;
  at: Date | null;
  bytes: Buffer | null;
  count: number | null;
  name: string | null;
}

const nothing = { is_on: null, at: null, bytes: null, count: null, name: null };

const another = () => ({ ...nothing, id: newId(systemClock.now()) });
