// docs/deployment.md says what is there: names, numbers, files, and commands that a shell can read.
import { spawnSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { listAt, type Deployment } from "../../tools/infra/rules/resources.ts";
import { settingsOf } from "../../tools/infra/rules/settings.ts";

const guide = readFileSync("docs/deployment.md", "utf8");
const snapshot = (profile: string) => JSON.parse(readFileSync(`infra/snapshots/${profile}.json`, "utf8")) as Deployment;

test("every file that it links to is there", () => {
  const targets = [...guide.matchAll(/\]\((?!http)([^)#]*)[^)]*\)/g)].map(([, target = ""]) => target);
  expect(targets.filter((target) => !existsSync(path.join("docs", target)))).toEqual([]);
});

test("every block of commands is one that a shell can read", () => {
  const blocks = [...guide.matchAll(/```bash\n([\s\S]*?)```/g)].map(([, block = ""]) => block);
  expect(blocks.length).toBeGreaterThan(5);
  for (const input of blocks) expect(spawnSync("bash", ["-n"], { input, encoding: "utf8" }).stderr).toBe("");
});

test("every variable that parameters read is explained, and no other", () => {
  const read = globSync("infra/*.bicepparam").flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/readEnvironmentVariable\('(\w+)'/g)].map(([, name = ""]) => name),
  );
  const rows = [...guide.matchAll(/^\| `((?:LATCHKEY|SQL)_\w+)`(?:, `(\w+)`)? \|/gm)].flatMap(([, ...names]) => names);
  const own = new Set(read.filter((name) => !name.startsWith("AZURE_")));
  expect([...own].toSorted()).toEqual(rows.filter((name) => name !== undefined).toSorted());
});

test("every profile and every parameter that it names exists", () => {
  const alerts = snapshot("gateway").resources.filter(({ type }) => type.endsWith("scheduledQueryRules"));
  expect(alerts).toHaveLength(10);
  for (const said of ["Ten [alerts]", "ten alerts"]) expect(guide).toContain(said);
  const template = readFileSync("infra/main.bicep", "utf8");
  const names =
    "alwaysReadyInstances maximumInstanceCount databaseSku backupRetentionDays backupRedundancy settings vaultSettings frontDoorFirewall";
  for (const name of names.split(" ")) {
    expect(guide).toContain(name);
    expect(template).toMatch(new RegExp(`^param ${name} `, "m"));
  }
});

test.each([
  ["cheap", "3 per instance in *cheap*"],
  ["warm", "2 in *warm*"],
])("the connections of %s are as it says", (profile, said) => {
  const app = snapshot(profile).resources.find(({ type }) => type === "Microsoft.Web/sites");
  expect(guide).toContain(said);
  expect(app && settingsOf(app).get("DB_POOL_MAX")).toBe(/^\d/.exec(said)?.[0]);
  expect(app && listAt(app, "properties.siteConfig.appSettings").length).toBeGreaterThan(10);
});
