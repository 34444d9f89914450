import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { cpSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { findFreePort } from "../../tools/free-port.ts";
import { createApi } from "../support/api.ts";
import { freshDatabase } from "../support/database.ts";
import { temporaryFolder } from "../support/folder.ts";
import { filesBelow, packaged } from "../support/packaged.ts";
import { newDevice, refresh } from "../support/people.ts";
import { loadFunctions } from "../support/service.ts";
import { testSettings } from "../support/settings.ts";
import { settingsFor, startServerWithData } from "../wire/sql-server.ts";
import { runTool, type RunningTool } from "./run-tool.ts";

const { folder } = await packaged();
// What the endpoints promise of each answer is to be known here, too.
await loadFunctions();

const running = new Set<RunningTool>();
afterEach(async () => {
  for (const tool of running) tool.kill("SIGTERM");
  await Promise.all([...running].map((tool) => tool.ended));
  running.clear();
});

const isLinuxX64 = process.platform === "linux" && process.arch === "x64";

describe.skipIf(!isLinuxX64)("npm start -- --root, on a package alone", () => {
  test("serves people and pages, with production's settings and SQL Server's protocol, and leaves no file behind", async () => {
    const server = await startServerWithData();
    const { root, tool, api } = await startPackage({
      ...settingsFor(server.port),
      ENVIRONMENT: "production",
      RATE_LIMITS: "on",
      // Its dictionaries are in the package.
      PASSWORD_MIN_SCORE: "2",
      BREACHED_PASSWORDS: "off",
      EMAIL_VERIFICATION: "optional",
      MAIL_PROVIDER: "smtp",
      SMTP_HOST: "mail.example.com",
      MAIL_FROM: "noreply@example.com",
      SECRET_KEY: randomBytes(32).toString("base64url"),
      ISSUER: "https://auth.example.com",
      API_DOCS: "on",
    });
    expect((await api.get("/health")).json.data.checks.database.status).toBe("up");
    const device = await newDevice(api);
    expect(device.cookie).toMatch(/^__Host-refresh_token=/);
    expect((await api.get("/auth/me", { bearer: device.accessToken })).status).toBe(200);
    expect((await refresh(api, device.cookie)).status).toBe(200);
    for (const page of ["/docs", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/redoc", "/openapi.json"])
      expect((await api.get(page)).status, page).toBe(200);
    expect((await api.get("/redoc/redoc.standalone.js")).json.length).toBeGreaterThan(1_000_000);
    expect(filesBelow(root)).toEqual(filesBelow(folder));
    tool.kill("SIGTERM");
    expect(await tool.ended).toMatchObject({ code: 0, stderr: "" });
  });

  test("on an embedded database takes the tables that there are, and makes none", async () => {
    const migrated = await startPackage({ ...testSettings, ...(await freshDatabase()) });
    expect((await newDevice(migrated.api)).accessToken).toMatch(/^ey/);
    expect((await migrated.api.get("/test-login")).status).toBe(200);
    const empty = await startPackage({ ...testSettings, EMBEDDED_DB_FILE: path.join(temporaryFolder(), "new.db") });
    expect((await empty.api.get("/health")).status).toBe(503);
  });

  test("15.25 with wrong settings stays up and says so, as on Azure", async () => {
    const { tool, api } = await startPackage({ ...testSettings, ALGORITHM: "canary" });
    expect((await api.get("/health/live")).status).toBe(200);
    for (const place of ["/health", "/auth/me", "/no/such/thing"]) expect((await api.get(place)).status).toBe(503);
    expect(tool.output.stdout.match(/service\.misconfigured.*ALGORITHM must be/g)).toHaveLength(1);
    expect(tool.output.stdout + tool.output.stderr).not.toContain("canary");
  });

  test("loads on demand what it takes by name: of a CommonJS package, esbuild's chunk has the default alone", async () => {
    const main = path.join(folder, "dist/functions/index.js");
    const taken = [...readFileSync(main, "utf8").matchAll(/\{([^{}]+)\} = await import\("(\.[^"]+)"\)/g)];
    expect(taken.length).toBeGreaterThan(8);
    for (const [, names = "", chunk = ""] of taken) {
      const loaded = (await import(path.resolve(path.dirname(main), chunk))) as object;
      const wanted = names.split(",").map((name) => name.split(":")[0]?.trim());
      expect(Object.keys(loaded), chunk).toEqual(expect.arrayContaining(wanted));
    }
  });

  test("has both password engines", () => {
    for (const engine of ["argon2", "@node-rs/argon2"]) {
      const script = `import { hash } from "${engine}"; console.log(await hash("x"));`;
      const made = execFileSync(process.execPath, ["--input-type=module", "-e", script], { cwd: deployed() });
      expect(made.toString()).toMatch(/^\$argon2id\$/);
    }
  });
});

test.each([
  ["that is no app", ["--root", "."], /^There is no host\.json in \S+: start the service in its own folder\.\n$/],
  ["that is not named", ["--root"], /^usage: npm start \[-- --root DIR\] \| npm run dev\n$/],
  ["that is to be watched", ["--root", ".", "--watch"], /^usage: /],
])("npm start -- --root, with a folder %s, prints one line and ends with 1", async (_what, args, line) => {
  const outcome = await runTool("tools/start.ts", { cwd: temporaryFolder(), args }).ended;
  expect(outcome).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(line) });
});

/** The package in a folder where no other module can be found. */
function deployed(): string {
  const root = path.join(temporaryFolder(), "wwwroot");
  cpSync(folder, root, { recursive: true });
  return root;
}

async function startPackage(env: Record<string, string>) {
  const port = await findFreePort();
  const root = deployed();
  const tool = runTool("tools/start.ts", { cwd: root, args: ["--root", root], env: { PORT: `${port}`, ...env } });
  running.add(tool);
  await tool.printed("zz-fallback");
  return { root, tool, api: createApi(`http://127.0.0.1:${port}`) };
}
