import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { grantStatements } from "../../shared/platform/database/sql-server/grants.ts";
import { startTsqlCompiler, type TsqlCompiler } from "../../tools/tsql/check.ts";
import { hasDotnet } from "../../tools/dotnet.ts";
import { temporaryFolder } from "../support/folder.ts";
import { whenDone } from "../support/when-done.ts";

const isThere = hasDotnet();
if (!isThere) console.log("The tests of check:tsql were not run: they need the .NET SDK 10 (dotnet).");

function folderWith(files: Record<string, string>): string {
  const made = temporaryFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(made, name), text);
  return made;
}

const statement = (sql: string, parameters = "") => ({ place: "shared/a.ts:7", sql, parameters });
const users = readFileSync("sql/0001_accounts.sql", "utf8");

describe.skipIf(!isThere)("check:tsql", { timeout: 300_000 }, () => {
  let compiler: TsqlCompiler;

  beforeAll(() => {
    compiler = startTsqlCompiler();
    whenDone(() => compiler.close());
  }, 300_000);

  test("finds nothing in the migrations, their companions and the grants, and counts what it compiled", async () => {
    const { findings, count } = await compiler.compile("sql", [
      statement('select top(@1) "id" from "users" where "email_normalised" = @2', "@1 int, @2 nvarchar(4000)"),
      statement('delete from "sessions" output "deleted"."id" where "id" = @1', "@1 nvarchar(4000)"),
    ]);
    expect(findings).toEqual([]);
    expect(count).toBeGreaterThan(10);
  });

  describe("in what the service sends, and where,", () => {
    const cases: readonly (readonly [string, string, string, RegExp])[] = [
      ["a misspelt column", 'select "id",\n "emial" from "users"', "", /:2: .*\[users\]\.\[emial\]/],
      ["a misspelt table", 'update "userz" set "id" = @1', "@1 int", /:1: .*\[userz\]/],
      ["a column of no output", 'delete from "users" output "deleted"."emial"', "", /:1: .*\[users\]\.\[emial\]/],
      ["a parameter that is not sent", 'select "id" from "users" where "id" = @2', "@1 int", /:1: .*"@2"/],
      ["LIMIT", 'select "id" from "users" limit 1', "", /:1: Incorrect syntax near 'limit'/],
      ["RETURNING", 'delete from "users" returning "id"', "", /:1: Incorrect syntax near 'returning'/],
      ["nothing", 'select "id" from "users"', "", /^$/],
    ];
    let findings: readonly string[] = [];

    beforeAll(async () => {
      const statements = cases.map(([what, sql, parameters]) => ({ place: what, sql, parameters }));
      ({ findings } = await compiler.compile("sql", statements));
    }, 300_000);

    test.each(cases)("finds %s", (what, _sql, _parameters, finding) => {
      expect(findings.filter((line) => line.startsWith(`${what}:`)).join("\n")).toMatch(finding);
    });
  });

  test.each([
    [
      "a type that is not known",
      { "0001_a.sql": "-- Things.\ncreate table a (\n  id nvarchr(10) null\n);\n" },
      /0001_a\.sql:3: .*nvarchr/,
    ],
    [
      "a misspelt column in a companion",
      {
        "0001_a.sql": users,
        "0001_a.mssql.sql":
          "-- Why.\ndrop index ux_users_email_normalised on users;\nalter table users alter column emial int null;\n",
      },
      /0001_a\.mssql\.sql:3: .*\[users\]\.\[emial\]/,
    ],
    [
      "bad syntax in a companion",
      { "0001_a.sql": users, "0001_a.mssql.sql": "create tabel b (id int null);" },
      /0001_a\.mssql\.sql:1: Incorrect syntax near 'tabel'/,
    ],
    [
      "a right to no table",
      { "0001_a.sql": users, "grants.mssql.sql": "grant select on userz to latchkey;" },
      /grants\.mssql\.sql:1: .*\[userz\]/,
    ],
    [
      "a right that is taken back on no table",
      { "0001_a.sql": users, "grants.mssql.sql": "revoke delete on userz from latchkey;" },
      /grants\.mssql\.sql:1: .*\[userz\]/,
    ],
    [
      "a right that is taken back as it is given",
      { "0001_a.sql": users, "grants.mssql.sql": "revoke delete users from latchkey;" },
      /grants\.mssql\.sql:1: .*users/,
    ],
  ])("finds %s in a file, and its line", async (_what, files, finding) => {
    const { findings } = await compiler.compile(folderWith(files), []);
    expect(findings.join("\n")).toMatch(finding);
  });

  test("knows a column that a later file adds", async () => {
    const files = {
      "0001_a.sql": "create table a (id int not null constraint pk_a primary key);\n",
      "0002_b.sql": "alter table a add shoe_size int null;\n",
      "0002_b.mssql.sql": "create index ix_a_shoe_size on a (shoe_size);\n",
    };
    expect((await compiler.compile(folderWith(files), [statement('select "shoe_size" from "a"')])).findings).toEqual(
      [],
    );
  });

  test("finds nothing in what npm run migrate -- grant sends", async () => {
    const user = { name: "id-latchkey-gaqtjhvvbbv4a", clientId: "00112233-4455-6677-8899-aabbccddeeff" };
    const statements = grantStatements("", user).map((sql) => ({ place: "grants.ts", sql, parameters: "" }));
    const { findings } = await compiler.compile("sql", statements);
    // The model knows neither views of the system nor the role.
    expect(findings.filter((line) => /syntax/i.test(line))).toEqual([]);
    const wrong = await compiler.compile("sql", [
      { place: "grants.ts", sql: "create user [a] with sid 0x00", parameters: "" },
    ]);
    expect(wrong.findings.join()).toMatch(/syntax/i);
  });
});
