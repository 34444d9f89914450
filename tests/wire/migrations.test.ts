import { writeFileSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../shared/platform/clock.ts";
import { openMigrationTarget, type MigrationTarget } from "../../shared/platform/database/migration-target.ts";
import { newId } from "../../shared/platform/crypto/random.ts";
import { migrate } from "../../tools/migrate.ts";
import { databaseFolder, temporaryFolder } from "../support/folder.ts";
import { testSettings } from "../support/settings.ts";
import { startTdsServer } from "../support/tds/test-server.ts";
import { createSqliteSession } from "../support/tds/sqlite.ts";
import { canary, optionsFor, refusal, settingsFor, stepsOf } from "./sql-server.ts";

const folder = databaseFolder();
let file = "";
let count = 0;
const server = await startTdsServer({}, () => createSqliteSession(file));

beforeEach(() => {
  count += 1;
  file = path.join(folder, `server${count}.db`);
  server.script = {};
  server.requests.length = 0;
});

const up = (target: MigrationTarget) => target.up(systemClock.now());
const tables = () =>
  new DatabaseSync(file)
    .prepare("select name from sqlite_master where type = 'table' order by name")
    .all()
    .map(({ name }) => name);

describe("migrations on SQL Server", () => {
  test("run in order, a companion after its file in the same transaction, and a row for each", async () => {
    const applied = await use(up);
    expect(applied.slice(0, 3)).toEqual(["0001_accounts.sql", "0001_accounts.mssql.sql", "0002_sessions.sql"]);
    const sent = stepsOf(server).map((step) => step.slice(0, 24));
    const first = sent.slice(sent.indexOf("begin") + 1, sent.indexOf("commit")).join("\n");
    expect(first).toContain("create table users");
    expect(first).toContain("alter table users alter");
    expect(first).not.toContain("create table sessions");
    expect((await use((target) => target.applied())).map(({ name }) => name).toSorted()).toEqual(applied.toSorted());
  });

  test("with a companion that stands for its file, run that one alone; both are recorded", async () => {
    const ledger =
      "create table a (id int not null, text nvarchar(max) not null) with (ledger = on (append_only = on))";
    const made = folderWith({
      "0001_a.sql": 'create table a (id int not null, text "nvarchar(max)" not null);',
      "0001_a.instead.mssql.sql": `${ledger};`,
    });
    expect(await use(up, made)).toEqual(["0001_a.sql", "0001_a.instead.mssql.sql"]);
    const created = stepsOf(server).filter((step) => step.startsWith("create table a "));
    expect(created).toEqual([ledger]);
    expect(await use(up, made)).toEqual([]);
    expect(await use((target) => target.verify(), made), "the server's own columns").toEqual({
      missing: [],
      unexpected: [],
    });
  });

  test("by ten processes that start at once, run each file once", { timeout: 120_000 }, async () => {
    const targets = Array.from({ length: 10 }, () => open());
    const applied = (await Promise.all(targets.map(up))).flat();
    expect(applied.toSorted()).toEqual(targets[0]?.migrations.map(({ name }) => name).toSorted());
    await Promise.all(targets.map((target) => target.close()));
  });

  test("take the lock before they look, and hold it until they commit", async () => {
    await use(up);
    const sent = stepsOf(server);
    for (const [index, text] of sent.entries())
      if (text === "begin")
        expect(sent[index + 1]).toMatch(/exec @result = sp_getapplock[^;]*@LockOwner = 'Transaction'/);
  });

  test("whose lock is not to be had, say so", async () => {
    const refused = { columns: [["result", "int"]], rows: [[-1]] } as const;
    server.script.request = (request, run) => (request.sql.includes("sp_getapplock") ? refused : run());
    await expect(use(up)).rejects.toThrow("Another process has been migrating this database");
  });

  test("of which one fails, undo that file with its companion, and name it", async () => {
    const files = {
      "0001_a.sql": "create table a (id int null);",
      "0002_b.sql": "create table b (id int null);",
      "0002_b.mssql.sql": "create tabel c (id int null);",
    };
    const failing = use(up, folderWith(files));
    await expect(failing).rejects.toThrow(/^Migration 0002_b\.mssql\.sql failed and was undone: .*tabel/);
    expect(tables()).toEqual(["a", "schema_migrations"]);
  });

  test("whose commit was taken and its answer lost, run nothing twice", async () => {
    let isSpent = false;
    server.script.request = ({ kind }, run) => {
      if (kind !== "commit" || isSpent) return run();
      isSpent = true;
      run();
      return "drop";
    };
    const applied = await use(up);
    expect(applied).toEqual(open().migrations.map(({ name }) => name));
  });

  test("of which a companion was changed after it had been applied, are an error that names it", async () => {
    const made = folderWith({ "0001_a.sql": "create table a (id int null);", "0001_a.mssql.sql": "select 1 as one;" });
    await use(up, made);
    writeFileSync(path.join(made, "0001_a.mssql.sql"), "select 2 as two;");
    await expect(use(up, made)).rejects.toThrow("Migration 0001_a.mssql.sql was changed after it had been applied");
  });

  test("on a server that is away, are one line and no secret", async () => {
    server.script.login = () => ({ error: { number: 18456, message: "Login failed" } });
    const thrown = await refusal(use(up));
    expect(thrown.message).toContain("the login was refused");
  });
});

describe("verify on SQL Server", () => {
  test("finds nothing after the migrations, and whatever was changed by hand", async () => {
    await use(up);
    expect(await use((target) => target.verify())).toEqual({ missing: [], unexpected: [] });
    const database = new DatabaseSync(file);
    database.exec("drop index ix_sessions_user_id; alter table users add column shoe_size int null");
    database.exec("create table notes (id nvarchar(10) null)");
    database.close();
    expect(await use((target) => target.verify())).toEqual({
      missing: ["index ix_sessions_user_id on sessions (user_id)"],
      unexpected: ["column notes.id nvarchar(10) null", "column users.shoe_size int null"],
    });
  });

  test("knows the collation that a companion declares", async () => {
    const made = folderWith({ "0001_a.sql": "create table a (name nvarchar(10) null);" });
    await use(up, made);
    writeFileSync(path.join(made, "0002_b.sql"), "create table b (id int null);");
    const companion = "alter table a alter column name nvarchar(10) collate Latin1_General_BIN2 null;";
    writeFileSync(path.join(made, "0002_b.mssql.sql"), companion);
    expect((await use((target) => target.verify(), made)).missing).toContain("collation a.name Latin1_General_BIN2");
    await use(up, made);
    expect(await use((target) => target.verify(), made)).toEqual({ missing: [], unexpected: [] });
  });
});

describe("npm run migrate, with a SQL Server in the settings", () => {
  test("plans, applies, reports and verifies; a dry run writes nothing", async () => {
    const before = { ...process.env };
    const settings = { DB_SERVER: "127.0.0.1", DB_PORT: String(server.port), DB_DATABASE: "a", DB_USERNAME: "a" };
    Object.assign(process.env, testSettings, settings, { DB_PASSWORD: canary });
    const plan = await migrate(["up", "--dry-run"]);
    expect([plan.lines[0], tables()]).toEqual(["would apply  0001_accounts.sql", []]);
    expect((await migrate(["verify"])).isGood).toBe(false);
    expect((await migrate(["up"])).lines).toContain("applied  0001_accounts.mssql.sql");
    expect((await migrate(["up"])).lines).toEqual([`up to date: ${plan.lines.length} migrations`]);
    expect((await migrate(["status"])).lines[0]).toBe("applied  0001_accounts.sql");
    expect(await migrate(["verify"])).toEqual({ lines: ["the schema matches the migrations"], isGood: true });
    await expect(migrate(["sideways"])).rejects.toThrow("usage:");
    process.env = before;
  });

  test("15.13: brings accounts of an older release up to date, each statement of a batch by the ids", async () => {
    const before = { ...process.env };
    Object.assign(process.env, testSettings, settingsFor(server.port));
    await migrate(["up"]);
    const database = new DatabaseSync(file);
    const insert = database.prepare(
      `insert into users (id, email, email_normalised, username, is_active, created_at, updated_at)
       values (?, ?, ?, 'Zoe', 1, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')`,
    );
    for (let person = 0; person < 510; person += 1) {
      const email = person % 100 === 0 ? `p${person}@bücher.example` : `p${person}@example.com`;
      insert.run(newId(new Date(1_700_000_000_000 + person)), email, email);
    }
    expect((await migrate(["verify"])).lines).toContain("pending  510 accounts of an older release");
    // Nothing is repeated that was done, and nothing is left out, when the connection breaks in the middle.
    let isSpent = false;
    server.script.request = ({ sql }, run) => {
      if (isSpent || !sql.startsWith('update "users" set "email_form"')) return run();
      isSpent = true;
      run();
      return "drop";
    };
    expect((await migrate(["up"])).lines).toContain("brought up to date  510 accounts of an older release");
    const moved = "sum(email_normalised like '%@xn--bcher-kva.example') as moved";
    const [row] = database.prepare(`select count(*) as n, ${moved} from users where email_form = 1`).all();
    expect(row).toEqual({ n: 510, moved: 6 });
    expect((await migrate(["verify"])).isGood).toBe(true);
    database.close();
    process.env = before;
  });
});

function open(migrationsFolder = "sql"): MigrationTarget {
  const options = {
    server: optionsFor(server.port, { poolMax: 1, connectTimeoutSeconds: 5, acquireTimeoutSeconds: 5 }),
  };
  return openMigrationTarget({ ...options, file: "", migrationsFolder, clock: systemClock });
}

/** Runs on a target of its own, as a process does. */
async function use<T>(work: (target: MigrationTarget) => Promise<T>, migrationsFolder?: string): Promise<T> {
  const target = open(migrationsFolder);
  return work(target).finally(() => target.close());
}

function folderWith(files: Record<string, string>): string {
  const made = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(made, name), text);
  return made;
}
