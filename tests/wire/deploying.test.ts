// infra/hooks/migrate.sh with everything real but Azure: npm, the migrations, the login. A stand-in for az gives tokens.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";
import { startTdsServer } from "../support/tds/test-server.ts";
import { createSqliteSession } from "../support/tds/sqlite.ts";
import { canary } from "./sql-server.ts";

const folder = temporaryFolder();
const calls = path.join(folder, "calls");
const server = await startTdsServer({}, () => createSqliteSession(path.join(folder, "server.db")));

/** How a firewall refuses, until az has opened it. */
const keptOut = {
  number: 40615,
  message: "Cannot open server 'sql'. Client with IP address '203.0.113.7' is not allowed to access the server.",
};

const token = JSON.stringify({
  accessToken: `${canary}-token`,
  expires_on: 4102444800,
  expiresOn: "2100-01-01 00:00:00.000000",
  tokenType: "Bearer",
});

test(
  "a deployer whom the firewall keeps out migrates and grants with the login of az",
  { timeout: 300_000 },
  async () => {
    const az = path.join(folder, "az");
    writeFileSync(az, `#!/bin/sh\necho "$*" >> "${calls}"\ncase "$*" in *get-access-token*) echo '${token}' ;; esac\n`);
    chmodSync(az, 0o755);
    const isOpen = () => existsSync(calls) && readFileSync(calls, "utf8").includes("firewall-rule create");
    const granted: string[] = [];
    server.script = {
      login: () => (isOpen() ? "accept" : { error: keptOut }),
      request({ statements }, run) {
        const isGrant = statements.some((statement) => /^(?:if|grant|revoke|alter role)/.test(statement));
        // SQLite knows no rights: of their transaction it sees nothing.
        if (!isGrant && granted.length === 0) return run();
        granted.push(...statements);
        return { columns: [], rows: [] };
      },
    };
    const child = spawn("sh", ["infra/hooks/migrate.sh"], {
      env: {
        PATH: `${folder}:${process.env["PATH"]}`,
        HOME: folder,
        AZURE_RESOURCE_GROUP: "rg",
        LATCHKEY_SQL_SERVER: "sql",
        LATCHKEY_IDENTITY_NAME: "id-latchkey",
        LATCHKEY_IDENTITY_CLIENT_ID: "00112233-4455-6677-8899-aabbccddeeff",
        DB_SERVER: "127.0.0.1",
        DB_PORT: String(server.port),
        DB_DATABASE: "latchkey",
        // Of somebody's shell: no deployment logs in with it.
        DB_USERNAME: "sa",
        DB_PASSWORD: "sa",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const [output, errors] = [text(child.stdout), text(child.stderr)];
    await once(child, "close");
    expect([child.exitCode, await errors]).toEqual([0, ""]);
    expect(await output).toContain("applied  0001_accounts.sql\n");
    expect(await output).toContain("id-latchkey now has the service's permissions\n");
    expect(granted.at(-1)).toBe("alter role latchkey add member [id-latchkey]");
    expect(new Set(server.logins.map((login) => login.token))).toEqual(new Set([`${canary}-token`]));
    const last = readFileSync(calls, "utf8").trim().split("\n").at(-1);
    expect(last).toMatch(/^sql server firewall-rule delete /);
  },
);
