// The hooks of azure.yaml, run as azd runs them, with stand-ins for az and npm on the PATH.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, copyFileSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { text } from "node:stream/consumers";
import { beforeEach, describe, expect, test } from "vitest";
import { temporaryFolder } from "../support/folder.ts";

const outputs = {
  AZURE_RESOURCE_GROUP: "rg",
  LATCHKEY_SQL_SERVER: "sql-1",
  LATCHKEY_IDENTITY_NAME: "id-1",
  LATCHKEY_IDENTITY_CLIENT_ID: "00112233-4455-6677-8899-aabbccddeeff",
  DB_SERVER: "sql-1.database.windows.net",
  DB_DATABASE: "latchkey",
};

let folder = "";
let log = "";

beforeEach(() => {
  folder = temporaryFolder();
  log = path.join(folder, "log");
  standIn("az", "");
  standIn("npm", "");
  standIn("sleep", "");
});

const calls = () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []);
const opened = () => calls().filter((call) => call.includes("firewall-rule create"));
const closed = () => calls().filter((call) => call.includes("firewall-rule delete"));
const nameIn = (call = "") => / --name (\S+)/.exec(call)?.[1];

test.each(globSync("infra/hooks/*.sh"))("%s is a script that azd can run", (file) => {
  expect(spawnSync("bash", ["-n", file], { encoding: "utf8" })).toMatchObject({ status: 0, stderr: "" });
  expect(readFileSync("azure.yaml", "utf8")).toContain(`run: ${file}\n`);
  expect(spawnSync("test", ["-x", file]).status).toBe(0);
});

describe("migrate.sh", () => {
  test("of whom the server admits, migrates, then grants, and opens nothing", async () => {
    expect((await run("migrate")).code).toBe(0);
    expect(calls().filter((call) => call.startsWith("npm"))).toEqual([
      "npm run --silent migrate -- status",
      "npm run --silent migrate -- up",
      "npm run --silent migrate -- grant --name id-1 --client-id 00112233-4455-6677-8899-aabbccddeeff",
    ]);
    expect([opened(), closed()]).toEqual([[], []]);
  });

  test("admits the one address that the server sees, and closes again", async () => {
    keptOut();
    expect(await run("migrate", environment({ AZURE_SUBSCRIPTION_ID: "sub" }))).toEqual({ code: 0, errors: "" });
    expect(opened()).toHaveLength(1);
    expect(opened()[0]).toMatch(
      /--resource-group rg --server sql-1 --name deployer-\S+ --output none --subscription sub --start-ip-address 203\.0\.113\.7 --end-ip-address 203\.0\.113\.7$/,
    );
    expect(closed().map(nameIn)).toEqual(opened().map(nameIn));
    expect(calls().at(-1)).toContain("firewall-rule delete");
  });

  test("waits until the opening takes effect, but not for ever", async () => {
    keptOut({ more: 3 });
    expect((await run("migrate")).code).toBe(0);
    expect(calls().filter((call) => call === "sleep 10")).toHaveLength(3);
    keptOut({ more: 1000 });
    const { code, errors } = await run("migrate");
    expect([code, errors]).toEqual([1, expect.stringContaining("does not admit this address")]);
    expect(closed()).toHaveLength(2);
  });

  test.each(["up", "grant"])("closes again when %s fails, and fails itself", async (command) => {
    keptOut({ script: `case "$*" in *"-- ${command}"*) exit 7 ;; esac` });
    expect((await run("migrate")).code).toBe(7);
    expect(closed().map(nameIn)).toEqual(opened().map(nameIn));
    expect(closed()).toHaveLength(1);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("closes again after %s", async (signal, code) => {
    keptOut({ script: `case "$*" in *"-- up"*) kill -${signal.slice(3)} $PPID; exit 0 ;; esac` });
    expect((await run("migrate")).code).toBe(code);
    expect(closed()).toHaveLength(1);
    expect(calls().some((call) => call.includes("-- grant"))).toBe(false);
  });

  test("also tries to close when it is not known whether it was opened", async () => {
    keptOut();
    standIn("az", 'case "$*" in *create*) exit 1 ;; esac');
    expect((await run("migrate")).code).toBe(1);
    expect(closed()).toHaveLength(1);
  });

  test("that cannot close says which rule is left, and fails", async () => {
    keptOut();
    standIn("az", 'case "$*" in *delete*) exit 1 ;; esac');
    const { code, errors } = await run("migrate");
    expect([code, errors]).toEqual([
      1,
      `The firewall of sql-1 is still open: delete its rule ${nameIn(opened()[0])}\n`,
    ]);
  });

  test("passes on what else is wrong, and opens nothing", async () => {
    standIn("npm", "echo 'Connection was denied (47073)' >&2; exit 1");
    expect(await run("migrate")).toEqual({ code: 1, errors: "Connection was denied (47073)\n" });
    expect(opened()).toEqual([]);
  });

  test("signs in as az does, else as azd does, else as it is told, and never with a password", async () => {
    standIn("npm", `echo "$AZURE_TOKEN_CREDENTIALS $ENVIRONMENT [$DB_USERNAME$DB_PASSWORD]" >> "${log}"`);
    const seen = () => calls().find((call) => call.includes("production"));
    const withPassword = environment({ DB_USERNAME: "sa", DB_PASSWORD: "canary" });
    await run("migrate", withPassword);
    expect(seen()).toBe("AzureCliCredential production []");
    writeFileSync(log, "");
    standIn("az", "exit 1");
    await run("migrate", withPassword);
    expect(seen()).toBe("AzureDeveloperCliCredential production []");
    writeFileSync(log, "");
    await run("migrate", environment({ AZURE_TOKEN_CREDENTIALS: "ManagedIdentityCredential" }));
    expect(seen()).toBe("ManagedIdentityCredential production []");
  });

  test.each(Object.keys(outputs))("without %s says what is missing before it does anything", async (name) => {
    const { code, errors } = await run("migrate", { ...environment(), [name]: undefined });
    expect([code, errors, calls()]).toEqual([1, expect.stringContaining(`${name} is missing`), []]);
  });
});

describe("15.8 migrate.sh, in a pipeline's bundle,", () => {
  test("runs the command and the Node that came with it, and no npm", async () => {
    const bundle = temporaryFolder();
    mkdirSync(path.join(bundle, "infra/hooks"), { recursive: true });
    copyFileSync("infra/hooks/migrate.sh", path.join(bundle, "infra/hooks/migrate.sh"));
    writeFileSync(path.join(bundle, "migrate.js"), "");
    writeFileSync(path.join(bundle, "node"), `#!/bin/sh\necho "node $*" >> "${log}"\n`);
    chmodSync(path.join(bundle, "node"), 0o755);
    const { status, stderr } = spawnSync("sh", [path.join(bundle, "infra/hooks/migrate.sh")], {
      env: environment(),
      encoding: "utf8",
    });
    expect([status, stderr]).toEqual([0, ""]);
    expect(calls().filter((call) => !call.startsWith("az"))).toEqual([
      "node migrate.js status",
      "node migrate.js up",
      "node migrate.js grant --name id-1 --client-id 00112233-4455-6677-8899-aabbccddeeff",
    ]);
  });
});

describe("register.sh", () => {
  test("registers Microsoft.App once", async () => {
    standIn("az", 'case "$*" in *show*) echo NotRegistered ;; esac');
    expect((await run("register")).code).toBe(0);
    expect(calls().at(-1)).toBe("az provider register --namespace Microsoft.App --wait");
  });

  test("leaves it where it is registered: who may not register need not", async () => {
    standIn("az", 'case "$*" in *show*) echo Registered ;; *) exit 1 ;; esac');
    expect((await run("register", environment({ AZURE_SUBSCRIPTION_ID: "sub" }))).code).toBe(0);
    expect(calls()).toEqual([
      "az provider show --namespace Microsoft.App --query registrationState --output tsv --subscription sub",
    ]);
  });
});

test("what the hooks take from the environment are outputs of the deployment", () => {
  const snapshot = JSON.parse(readFileSync("infra/snapshots/cheap.json", "utf8")) as { outputs: object };
  expect(Object.keys(snapshot.outputs)).toEqual(expect.arrayContaining(Object.keys(outputs)));
});

async function run(hook: string, env: Record<string, string | undefined> = environment()) {
  const child = spawn("sh", [`infra/hooks/${hook}.sh`], { env, stdio: ["ignore", "pipe", "pipe"] });
  const errors = text(child.stderr);
  await once(child, "close");
  return { code: child.exitCode, errors: await errors };
}

/** `npm run migrate` of somebody whom the firewall keeps out until it is open, and `more` times after that. */
function keptOut({ more = 0, script = "" } = {}): void {
  const refusal = "Database unavailable: the server's firewall does not admit this address (40615): 203.0.113.7";
  standIn(
    "npm",
    `opened=$(grep -c "firewall-rule create" "${log}")
asked=$(grep -c "migrate -- status" "${log}")
case "$*" in
*"-- status"*) if [ "$opened" = 0 ] || [ "$asked" -le ${1 + more} ]; then echo "${refusal}" >&2; exit 1; fi ;;
esac
${script}`,
  );
}

/** A command on the PATH that notes how it was called, then does this. */
function standIn(name: string, script: string): void {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho "${name} $*" >> "${log}"\n${script}\n`);
  chmodSync(file, 0o755);
}

const environment = (more: Record<string, string> = {}) => ({
  PATH: `${folder}:${process.env["PATH"]}`,
  ...outputs,
  ...more,
});
