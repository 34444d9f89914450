import { existsSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, test } from "vitest";
import { loadProcessConfig } from "../../shared/config.ts";
import { createServices } from "../../shared/services.ts";
import { migrate } from "../../tools/migrate.ts";
import { temporaryFolder } from "../support/folder.ts";
import { testSettings } from "../support/settings.ts";

const before = { ...process.env };

/** Points the settings at an embedded database of its own. */
function embeddedFile(): string {
  const file = path.join(temporaryFolder(), "data", "latchkey.db");
  Object.assign(process.env, testSettings, { EMBEDDED_DB_FILE: file });
  return file;
}

afterEach(() => {
  process.env = { ...before };
});

describe("npm run migrate, on the embedded database", () => {
  test("applies, reports and verifies", async () => {
    embeddedFile();
    expect((await migrate(["status"])).lines[0]).toBe("pending  0001_accounts.sql");
    expect((await migrate(["up"])).lines[0]).toBe("applied  0001_accounts.sql");
    expect((await migrate(["up"])).lines[0]).toMatch(/^up to date: \d+ migrations$/);
    expect((await migrate(["status"])).lines.every((line) => line.startsWith("applied"))).toBe(true);
    expect(await migrate(["verify"])).toEqual({ lines: ["the schema matches the migrations"], isGood: true });
  });

  test.each([[["up", "--dry-run"]], [["status"]], [["verify"]]])(
    "%j writes nothing, not even the file",
    async (words) => {
      const file = embeddedFile();
      await migrate(words);
      expect(existsSync(file)).toBe(false);
    },
  );

  test("verify names what was changed by hand, on either side", async () => {
    const file = embeddedFile();
    await migrate(["up"]);
    const database = new DatabaseSync(file);
    database.exec("drop index ix_sessions_user_id; create table notes (id int null)");
    database.close();
    const { lines, isGood } = await migrate(["verify"]);
    expect(lines).toEqual([
      "missing  index ix_sessions_user_id: CREATE INDEX ix_sessions_user_id on sessions (user_id)",
      "unexpected  table notes: CREATE TABLE notes (id int null)",
    ]);
    expect(isGood).toBe(false);
  });

  describe("15.13 accounts of an older release", () => {
    const ids = ["0000000a", "0000000b", "0000000c", "0000000d"].map((start) => `${start}-0000-8000-8000-000000000000`);
    const [, twin = "", ascii = "", nowhere = ""] = ids;
    const addresses = ["zoe@müller.example", "two@müller.example", "two@xn--mller-kva.example", "x@xn--a.example"];

    /** As the release before migration 0012 leaves them. */
    async function leaveAccounts(file: string): Promise<void> {
      await migrate(["up"]);
      const database = new DatabaseSync(file);
      const insert = database.prepare(
        `insert into users (id, email, email_normalised, username, password_hash, is_active, created_at, updated_at)
         values (?, ?, ?, 'Zoe', '$argon2id$v=19$m=64,p=1,t=1$c2FsdHNhbHQ$aGFzaGhhc2g', 1, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')`,
      );
      for (const [index, email] of addresses.entries()) insert.run(ids[index] ?? "", email, email);
      database.close();
    }
    const rows = (file: string) =>
      new DatabaseSync(file).prepare("select email_normalised, password_parameters from users order by id").all();
    const told = (lines: readonly string[]) => lines.filter((line) => !/^(?:applied {2}|up to date:)/.test(line));

    test("are brought up to date by up; status and verify know whether they are, and name them by their ids", async () => {
      const file = embeddedFile();
      await leaveAccounts(file);
      const left = [
        `unreachable  ${nowhere}  its domain cannot receive mail, and nobody can sign in with the address`,
        `collision  ${twin}  ${ascii}`,
        expect.stringContaining("Nothing was merged"),
      ];
      expect(told((await migrate(["status"])).lines)).toEqual(["pending  3 accounts of an older release", ...left]);
      const dry = await migrate(["up", "--dry-run"]);
      expect(told(dry.lines)[0]).toBe("would bring up to date  3 accounts of an older release");
      expect(await migrate(["verify"])).toMatchObject({ isGood: false });
      expect(rows(file)[0]).toMatchObject({ email_normalised: "zoe@müller.example", password_parameters: null });

      const { lines, isGood } = await migrate(["up"]);
      expect([isGood, told(lines)]).toEqual([true, ["brought up to date  3 accounts of an older release", ...left]]);
      expect(lines.join()).not.toMatch(/@|ller|zoe/i);
      const password_parameters = "$argon2id$v=19$m=64,t=1,p=1";
      const forms = ["zoe@xn--mller-kva.example", "two@müller.example", "two@xn--mller-kva.example", "x@xn--a.example"];
      expect(rows(file)).toEqual(forms.map((form) => ({ email_normalised: form, password_parameters })));

      expect(told((await migrate(["up"])).lines)).toEqual(left.slice(1));
      expect(told((await migrate(["status"])).lines)).toEqual(left.slice(1));
      expect(await migrate(["verify"])).toMatchObject({ isGood: true });
    });

    test("are brought up to date when the embedded database is opened", async () => {
      const file = embeddedFile();
      await leaveAccounts(file);
      const services = createServices(loadProcessConfig());
      await services.database.ping();
      await services.close();
      expect(rows(file)[0]?.["email_normalised"]).toBe("zoe@xn--mller-kva.example");
    });
  });

  test("needs the settings of the database alone: whoever migrates in production holds no SECRET_KEY", async () => {
    embeddedFile();
    for (const name of ["SECRET_KEY", "ISSUER", "FRONTEND_URL"]) delete process.env[name];
    expect((await migrate(["up"])).isGood).toBe(true);
    process.env["ENVIRONMENT"] = "production";
    await expect(migrate(["up"])).rejects.toThrow("Wrong settings: DB_SERVER is required in production");
    Object.assign(process.env, { DB_SERVER: "db.example.com" });
    await expect(migrate(["up"])).rejects.toThrow("Wrong settings: DB_DATABASE is required with DB_SERVER");
  });

  test.each([[[]], [["down"]], [["up", "now"]]])("%j says how it is used", async (words) => {
    embeddedFile();
    await expect(migrate(words)).rejects.toThrow("usage: npm run migrate -- up | status | verify [--dry-run]");
  });
});
