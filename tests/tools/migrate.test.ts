import { existsSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, test } from "vitest";
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
    expect(await migrate(["verify"])).toEqual({ lines: ["the schema is what the migrations declare"], isGood: true });
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
