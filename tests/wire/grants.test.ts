import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { grantStatements } from "../../shared/platform/database/sql-server/grants.ts";
import { explainDatabaseFault } from "../../tools/database-fault.ts";
import { migrate } from "../../tools/migrate.ts";
import { testSettings } from "../support/settings.ts";
import { startTdsServer } from "../support/tds/test-server.ts";
import { settingsFor, stepsOf } from "./sql-server.ts";

const rights = readFileSync("sql/grants.mssql.sql", "utf8");
const user = { name: "id-latchkey-gaqtjhvvbbv4a", clientId: "00112233-4455-6677-8899-aabbccddeeff" };
const words = ["grant", "--name", user.name, "--client-id", user.clientId];

const server = await startTdsServer();
const before = { ...process.env };
beforeEach(() => {
  server.script = {};
  server.requests.length = 0;
  process.env = { ...before, ...testSettings, ...settingsFor(server.port) };
});
afterEach(() => {
  process.env = before;
});

describe("npm run migrate -- grant", () => {
  test("makes the role, its rights, and the user by the identity's own id, in one transaction", async () => {
    expect((await migrate(words)).lines).toEqual([`${user.name} now has the service's permissions`]);
    const sent = stepsOf(server);
    const within = sent.slice(sent.indexOf("begin") + 1, sent.indexOf("commit"));
    expect(within).toEqual(grantStatements(rights, user));
    expect(within[0]).toBe("if database_principal_id('latchkey') is null create role latchkey");
    // As SQL Server converts the GUID: convert(varbinary(16), cast('…' as uniqueidentifier)).
    expect(within.at(-2)).toContain("with sid = 0x33221100554477668899aabbccddeeff, type = E");
    expect(within.at(-1)).toBe(`alter role latchkey add member [${user.name}]`);
  });

  test("15.9: takes back in the same transaction what an earlier release granted and the service does not use", async () => {
    await migrate(words);
    const sent = stepsOf(server);
    const within = sent.slice(sent.indexOf("begin") + 1, sent.indexOf("commit"));
    expect(within).toContain("revoke insert, update, delete on clients from latchkey");
    expect(within).toContain("grant select on clients to latchkey");
    expect(within.filter((sql) => /^grant .*(?:insert|update|delete).* on clients to latchkey$/.test(sql))).toEqual([]);
  });

  test("replaces the user of an identity that was made anew", () => {
    expect(grantStatements(rights, user).at(-3)).toMatch(/^if exists \(.* sid <> 0x3322\w+\) drop user \[id-latchkey/);
  });

  test.each([
    ["a name that would end the quotes", "a]; drop table users --", user.clientId, "--name must be"],
    ["an id that is none", user.name, "0x00", "--client-id must be"],
  ])("refuses %s before it sends anything", async (_what, name, clientId, message) => {
    await expect(migrate(["grant", "--name", name, "--client-id", clientId])).rejects.toThrow(message);
    expect(stepsOf(server)).toEqual([]);
  });

  test.each([
    [["grant"]],
    [["grant", "--name", "a"]],
    [[...words, "--dry-run"]],
    [["up", "--name", "a"]],
    [["up", "--x"]],
  ])("%j says how it is used", async (wrong) => {
    await expect(migrate(wrong)).rejects.toThrow("npm run migrate -- grant --name NAME --client-id ID");
  });

  test("on the embedded database says that there are no users", async () => {
    for (const name of ["DB_SERVER", "DB_DATABASE", "DB_USERNAME", "DB_PASSWORD"]) delete process.env[name];
    await expect(migrate(words)).rejects.toThrow("The embedded database has no users");
  });
});

test("whom the firewall of the server keeps out learns the address that it must admit", async () => {
  const message =
    "Cannot open server 'sql' requested by the login. Client with IP address '203.0.113.7' is not allowed to access the server.";
  server.script.login = () => ({ error: { number: 40615, message } });
  const thrown = await migrate(["status"]).catch(explainDatabaseFault);
  expect((thrown as Error).message).toMatch(
    /the server's firewall does not admit this address \(40615\): 203\.0\.113\.7$/,
  );
});
