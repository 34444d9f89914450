import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";

const read = (file: string) => readFileSync(file, "utf8");
const sources = globSync("shared/**/*.ts").toSorted();

describe("15.9 the rights on SQL Server", () => {
  const rights = ["select", "insert", "update", "delete"];
  /** What operators do from a terminal, as themselves. */
  const isOperators = (file: string) => /^shared\/(?:accounts|addresses|clients|mail)\/administration\.ts$/.test(file);
  const migrates = (file: string) => file.startsWith("shared/platform/database/");

  /** `table: rights` of all that these sources begin. */
  function used(files: readonly string[]): string[] {
    const begins = /\.(selectFrom|insertInto|updateTable|deleteFrom|innerJoin|leftJoin)\(\s*"(\w+)/g;
    const byTable = new Map<string, Set<string>>();
    for (const [, begin = "", table = ""] of files.flatMap((file) => [...read(file).matchAll(begins)])) {
      const right = rights.find((each) => begin.startsWith(each)) ?? "select";
      // Whatever is changed or removed is found by a condition.
      byTable.set(table, new Set([...(byTable.get(table) ?? []), "select", right]));
    }
    return [...byTable]
      .map(([table, has]) => `${table}: ${rights.filter((each) => has.has(each)).join(", ")}`)
      .toSorted();
  }

  function stated(verb: string, role: string): string[] {
    const statement = new RegExp(`^${verb} (.+) on (\\w+) (?:to|from) ${role};$`, "gm");
    const found = [...read("sql/grants.mssql.sql").matchAll(statement)];
    return found.map(([, right, table]) => `${table}: ${right}`).toSorted();
  }

  /** Rights without the columns that they are limited to. */
  const withoutColumns = (lines: readonly string[]) => lines.map((line) => line.replaceAll(/ \([^)]*\)/g, ""));

  test("of the service are what its queries use on each table, no more and no less", () => {
    expect(withoutColumns(stated("grant", "latchkey"))).toEqual(
      used(sources.filter((file) => !isOperators(file) && !migrates(file))),
    );
    expect(stated("grant", "latchkey")).toContain("clients: select");
    const tables = [...read("sql/README.md").matchAll(/^\| `(\w+)` \| `shared\/(?!platform)/gm)].map(
      ([, table]) => table,
    );
    expect(stated("grant", "latchkey").map((line) => line.split(":")[0])).toEqual(tables.toSorted());
  });

  test("19 to change the audit log are to take out what is personal, as the only query that changes it does", () => {
    const granted = stated("grant", "latchkey").find((line) => line.startsWith("audit_events:"));
    expect(granted).toBe("audit_events: select, insert, update (personal, personal_salt), delete");
    const changes = sources.flatMap((file) => [
      ...read(file).matchAll(/updateTable\("audit_events"\)\s*\.set\((.*?)\)/gs),
    ]);
    expect(changes.map(([, columns]) => columns)).toEqual(["{ personal: null, personal_salt: null }"]);
    expect(sources.filter((file) => read(file).includes('updateTable("audit_events")'))).toHaveLength(1);
  });

  test("that the service had before and does not use are taken back", () => {
    /** The tables of the releases that granted all rights on each. */
    const before = globSync("sql/{000*,0016*}.sql").flatMap((file) =>
      [...read(file).matchAll(/^create table (\w+)/gm)].map(([, table = ""]) => table),
    );
    expect(before.length).toBeGreaterThan(6);
    const revoked = new Map(stated("revoke", "latchkey").map((line) => line.split(": ") as [string, string]));
    for (const line of withoutColumns(stated("grant", "latchkey"))) {
      const [table = "", granted = ""] = line.split(": ");
      const rest = rights.filter((right) => !granted.split(", ").includes(right)).join(", ");
      expect(revoked.get(table) ?? "", table).toBe(before.includes(table) ? rest : "");
    }
  });

  test("of operators cover what their commands do, and no person's row", () => {
    const granted = stated("grant", "latchkey_operator");
    expect(granted).toEqual([
      "address_rules: select, insert, update, delete",
      "audit_events: select, insert",
      "client_tokens: select, update",
      "client_uses: select",
      "clients: select, insert, update",
      "mail_outbox: select, update",
      "mail_suppressions: select, delete",
      "signing_keys: select, insert, update",
      "users: select (id, is_active, created_at, last_login_at, audit_id)",
    ]);
    const commands = used(sources.filter(isOperators)).filter((line) => !withoutColumns(granted).includes(line));
    expect(commands).toEqual([]);
  });
});
