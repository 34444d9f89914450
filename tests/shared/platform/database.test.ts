import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../../shared/platform/clock.ts";
import { createDatabase, type Database } from "../../../shared/platform/database/database.ts";
import { DatabaseUnavailable } from "../../../shared/platform/database/errors.ts";
import { pendingMigrations, readMigrations } from "../../../shared/platform/database/migrations.ts";
import { temporaryFolder } from "../../support/folder.ts";

type Things = {
  things: { id: string; is_on: boolean | null; at: Date | null; bytes: Buffer | null; count: number | null };
};

const thingsSql = `create table things (
  id uniqueidentifier not null constraint pk_things primary key,
  is_on bit null, at datetime2(3) null, bytes varbinary(32) null, count int null
);`;

function open(
  files: Record<string, string>,
  folder = temporaryFolder(),
): { database: Database; file: string; folder: string } {
  mkdirSync(path.join(folder, "sql"), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, "sql", name), text);
  const file = path.join(folder, "data", "test.db");
  return {
    database: createDatabase({ file, migrationsFolder: path.join(folder, "sql"), clock: systemClock }),
    file,
    folder,
  };
}

describe("the embedded database", () => {
  test("a writer that holds the file for a while is waited for; the transaction then runs once", async () => {
    const { database, file } = open({ "0001_things.sql": thingsSql });
    await database.ping();
    const other = new DatabaseSync(file);
    other.exec("begin immediate");
    let attempts = 0;
    const waiting = database.transaction(async (tx) => {
      attempts += 1;
      await tx
        .withTables<Things>()
        .insertInto("things")
        .values({ id: "a", is_on: null, at: null, bytes: null, count: null })
        .execute();
    });
    // The first attempt has waited its quarter of a second and failed by the time that this timer fires.
    setTimeout(() => other.exec("commit"), 10);
    await waiting;
    expect(attempts).toBe(1);
    expect(await database.queries.withTables<Things>().selectFrom("things").select("id").execute()).toEqual([
      { id: "a" },
    ]);
    other.close();
    await database.close();
  });

  test(
    "a writer that never lets go is a 503 after the retry budget, and the service recovers without a restart",
    { timeout: 20_000 },
    async () => {
      const { database, file } = open({ "0001_things.sql": thingsSql });
      await database.ping();
      const other = new DatabaseSync(file);
      other.exec("begin immediate");
      const refused = await database
        .transaction(async (tx) => tx.withTables<Things>().deleteFrom("things").execute())
        .catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(DatabaseUnavailable);
      expect(refused).toMatchObject({ code: "DATABASE_UNAVAILABLE", status: 503, options: { retryAfterSeconds: 5 } });
      other.close();
      await expect(
        database.transaction(async (tx) => tx.withTables<Things>().deleteFrom("things").execute()),
      ).resolves.toBeDefined();
      await database.close();
    },
  );

  test.each([
    ["a folder in its place", (file: string) => mkdirSync(file, { recursive: true })],
    [
      "a file that is no database",
      (file: string) => (
        mkdirSync(path.dirname(file), { recursive: true }),
        writeFileSync(file, "not a database, but long enough to be read as one".repeat(100))
      ),
    ],
  ])("with %s, is unavailable", async (_what, spoil) => {
    const { database, file } = open({ "0001_things.sql": thingsSql });
    spoil(file);
    await expect(database.ping()).rejects.toBeInstanceOf(DatabaseUnavailable);
  });

  test("a file that may not be written fails its writes as unavailable", async () => {
    const { database, file } = open({ "0001_things.sql": thingsSql });
    await database.ping();
    await database.close();
    const again = createDatabase({
      file,
      migrationsFolder: path.join(path.dirname(file), "..", "sql"),
      clock: systemClock,
    });
    await again.ping();
    await again.queries.connection().execute(async (db) => {
      const { sql } = await import("kysely");
      await sql`pragma query_only = on`.execute(db);
    });
    await expect(again.queries.withTables<Things>().deleteFrom("things").execute()).rejects.toBeInstanceOf(
      DatabaseUnavailable,
    );
    chmodSync(file, 0o600);
    await again.close();
  });
});

describe("migrations", () => {
  test("run once each, in order, also when five instances start at once", async () => {
    const folder = temporaryFolder();
    const files = {
      "0002_second.sql": "alter table things add colour nvarchar(10) null;",
      "0001_things.sql": thingsSql,
    };
    const fleet = Array.from({ length: 5 }, () => open(files, folder).database);
    await Promise.all(fleet.map((database) => database.ping()));
    const applied = await fleet[0]?.queries
      .withTables<{ schema_migrations: { name: string; applied_at: Date } }>()
      .selectFrom("schema_migrations")
      .selectAll()
      .execute();
    expect(applied).toMatchObject([
      { name: "0001_things.sql", applied_at: expect.any(Date) },
      { name: "0002_second.sql" },
    ]);
    await Promise.all(fleet.map((database) => database.close()));
  });

  test("a file that fails is undone whole and named", async () => {
    const folder = temporaryFolder();
    const { database, file } = open(
      { "0001_things.sql": thingsSql, "0002_bad.sql": "create table half (id int null); create tabel x (y int);" },
      folder,
    );
    await expect(database.ping()).rejects.toThrow(/0002_bad\.sql failed and was undone/);
    const tables = new DatabaseSync(file)
      .prepare("select name from sqlite_master where type = 'table' order by name")
      .all()
      .map((row) => row["name"]);
    expect(tables).toEqual(["schema_migrations", "things"]);
  });

  test("an applied file that was changed, or is missing, is an error that names it", () => {
    const [migration] = readMigrations("sql");
    if (!migration) throw new Error("sql/ is empty");
    expect(() => pendingMigrations([migration], [{ name: migration.name, checksum: "other" }])).toThrow(
      `Migration ${migration.name} was changed`,
    );
    expect(() => pendingMigrations([], [migration])).toThrow(`${migration.name}, which is missing`);
    expect(pendingMigrations([migration], [migration])).toEqual([]);
  });

  test.each([
    ["0003_b.sql", "Migration 0003_b.sql has the same number as 0003_a.sql"],
    ["3_b.sql", "3_b.sql is not the name of a migration"],
  ])("a file called %s beside 0003_a.sql is an error that names it", (name, message) => {
    const folder = temporaryFolder();
    for (const file of ["0003_a.sql", name]) writeFileSync(path.join(folder, file), "select 1;");
    expect(() => readMigrations(folder)).toThrow(message);
  });

  test("line endings do not change a checksum, and SQL Server's companions are left out", () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, "0001_a.sql"), "select 1;\r\nselect 2;\r\n");
    writeFileSync(path.join(folder, "0001_a.mssql.sql"), "select 3;");
    const [crlf, ...others] = readMigrations(folder);
    writeFileSync(path.join(folder, "0001_a.sql"), "select 1;\nselect 2;\n");
    expect(readMigrations(folder)).toEqual([crlf]);
    expect(others).toEqual([]);
  });
});
