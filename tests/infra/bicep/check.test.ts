// What check:infra looks at beside the rules on resources: the compiler's own words, format, text, snapshots.
import { chmodSync, copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { findCompiler, isPinned } from "../../../tools/infra/compiler.ts";
import { judge } from "../../../tools/infra/rules/all.ts";
import { legalNames, withStem } from "../../../tools/infra/rules/names.ts";
import { localModules, suppressionsWithReason } from "../../../tools/infra/rules/source.ts";
import {
  noIdentityOutput,
  noSecretOutput,
  secretsWrittenOnce,
  type Template,
} from "../../../tools/infra/rules/template.ts";
import { differences, predict, snapshotText } from "../../../tools/infra/snapshots.ts";
import { buildAndLint, buildParameters, formatted } from "../../../tools/infra/source-checks.ts";
import { temporaryFolder } from "../../support/folder.ts";

const compiler = findCompiler();
if (!compiler) console.log("check:infra was not tried: it needs Bicep or the .NET SDK.");

const broken = path.join(import.meta.dirname, "broken");

/** A folder with these templates of `broken`, and our settings of the linter. */
function folderWith(...names: string[]): string {
  const folder = path.join(temporaryFolder(), "infra");
  mkdirSync(folder);
  for (const name of names) copyFileSync(path.join(broken, name), path.join(folder, name));
  copyFileSync("infra/bicepconfig.json", path.join(folder, "bicepconfig.json"));
  return folder;
}

describe.skipIf(!compiler)("with the compiler", { timeout: 120_000 }, () => {
  const ours = compiler ?? { run: () => Promise.reject(new Error("no compiler")) };

  test("a warning is a finding, since it is raised to an error, and so is a file of parameters that does not build", async () => {
    const folder = folderWith("warned.bicep");
    writeFileSync(
      path.join(folder, "warned.bicepparam"),
      "using 'warned.bicep'\nparam unused = readEnvironmentVariable('HOME_OF_NOBODY')\n",
    );
    const findings = (await buildAndLint(ours, folder, path.join(folder, "../built"))).join("\n");
    expect(findings).toMatch(/warned\.bicep\(1,7\) : Error no-unused-params/);
    const inParameters = await buildParameters(ours, folder, ["warned.bicepparam"]);
    expect(inParameters.join("\n")).toMatch(/warned\.bicepparam\(2,40\) : Error BCP\d+.*HOME_OF_NOBODY/);
  });

  test("a file that format would change is named", async () => {
    const folder = folderWith("connections.bicep", "names.bicep");
    writeFileSync(path.join(folder, "names.bicep"), "output  a string='a'\n");
    expect(await formatted(ours, folder)).toEqual(["names.bicep: is not formatted (bicep format names.bicep)"]);
  });

  test("the compiled template shows what snapshots leave out", async () => {
    const folder = folderWith("template.bicep", "template-inner.bicep");
    await ours.run(["build", "template.bicep"], folder);
    const template = JSON.parse(readFileSync(path.join(folder, "template.json"), "utf8")) as Template;
    expect(secretsWrittenOnce(template)).toEqual([
      "Microsoft.KeyVault/vaults/secrets vault/secret-key: is written by every deployment",
    ]);
    expect(noSecretOutput(template)).toEqual(
      ["declared", "passedOn", "askedFor", "ofModule"].map((name) => `output ${name}: contains a secret`),
    );
    expect(noIdentityOutput(template)).toEqual(["output AZURE_CLIENT_ID: would change who signs in"]);
  });

  test("SECRET_KEY of ours would be found if it were written by every deployment", async () => {
    const folder = path.join(temporaryFolder(), "infra");
    cpSync("infra", folder, { recursive: true });
    const file = path.join(folder, "modules/key-vault.bicep");
    writeFileSync(file, readFileSync(file, "utf8").replace("@onlyIfNotExists()\n", ""));
    await ours.run(["build", "main.bicep"], folder);
    const template = JSON.parse(readFileSync(path.join(folder, "main.json"), "utf8")) as Template;
    expect(secretsWrittenOnce(template)).toHaveLength(1);
  });

  test("with every option on, no rule finds anything", async () => {
    const folder = path.join(temporaryFolder(), "infra");
    cpSync("infra", folder, { recursive: true });
    const options = {
      green: true,
      greenPercent: 10,
      email: true,
      databaseLedger: true,
      apiManagementSku: "'Developer'",
      frontDoorDomain: "'auth.example.com'",
      frontDoorFirewall: true,
      deployerPrincipalId: "'44444444-4444-4444-4444-444444444444'",
      alertEmail: "'ada@example.com'",
      environmentName: "'Prod (2)'",
      sqlAdministratorGroupId: "'33333333-3333-3333-3333-333333333333'",
      nodeVersion: "'24'",
      settings: "{ FRONTEND_URL: 'https://app.example.com' }",
      vaultSettings: "{ GITHUB_CLIENT_SECRET: 'github-client-secret' }",
    };
    const lines = Object.entries({ ...options, profile: "'gateway'", location: "'westeurope'" });
    const settings = lines.map(([name, value]) => `param ${name} = ${value}\n`).join("");
    writeFileSync(path.join(folder, "all.bicepparam"), `using 'main.bicep'\n${settings}`);
    const all = await predict(ours, { folder, file: "all.bicepparam" });
    const [, from = ""] = /^func-green-(.+)$/m.exec(all.resources.map(({ name }) => name).join("\n")) ?? [];
    expect(from).toMatch(/^prod2-/);
    for (const to of ["gaqtjhvvbbv4a", "abcdefg-gaqtjhvvbbv4a"])
      expect(legalNames(withStem(all, { from, to }))).toEqual([]);
    const found = judge("all", all);
    // The one half of GitHub's settings shows that they are read.
    expect(found).toHaveLength(2);
    for (const line of found) expect(line).toMatch(/GITHUB_CLIENT_ID is required/);
  });

  test("what cannot be predicted is an error that says why", async () => {
    const folder = folderWith("warned.bicep");
    writeFileSync(path.join(folder, "warned.bicepparam"), "using 'elsewhere.bicep'\n");
    await expect(predict(ours, { folder, file: "warned.bicepparam" })).rejects.toThrow(
      /warned\.bicepparam cannot be predicted/,
    );
  });

  test("a compiler that fails without a word has found something", async () => {
    expect((await ours.run(["build", "--nonsense"], folderWith())).diagnostics).not.toEqual([]);
  });
});

test.each([
  ["of another version", "Bicep CLI version 0.49.1 (abc)", 0, false],
  ["that fails", "Bicep CLI version 0.49.2 (abc)", 1, false],
  ["at the pinned version", "Bicep CLI version 0.49.2 (abc)", 0, true],
])("a compiler %s counts: %#", (_what, said, code, counts) => {
  const program = path.join(temporaryFolder(), "bicep");
  writeFileSync(program, `#!/bin/sh\necho '${said}'\nexit ${code}\n`);
  chmodSync(program, 0o755);
  expect(isPinned(program)).toBe(counts);
});

test("no compiler at all does not count", () => expect(isPinned("no-such-bicep")).toBe(false));

describe("the text of a template", () => {
  test("a suppression needs a reason in a comment above it", () => {
    const text = "// Since the types do not know it.\n#disable-next-line BCP037\na\n#disable-next-line BCP037\n";
    expect(suppressionsWithReason({ name: "a.bicep", text })).toEqual([
      "a.bicep:4: a suppression without a reason in a comment above it",
    ]);
  });

  test.each([["br/public:avm/res/sql:1.0.0"], ["br:example.azurecr.io/a:1"], ["ts:id/group/a:1"]])(
    "a module of %s is refused",
    (address) => {
      const text = `module ours 'modules/a.bicep' = {}\nmodule theirs '${address}' = {}\n`;
      expect(localModules({ name: "a.bicep", text })).toEqual(["a.bicep:2: a module from a registry"]);
    },
  );
});

describe("snapshots", () => {
  const resource = (name: string, size = 1) => ({ id: name, type: "T", name, properties: { size } });
  const text = (...names: string[]) =>
    snapshotText({ resources: names.map((name) => resource(name)), outputs: { a: 1 } });

  test("that differ say which resources come, go and change", () => {
    const changed = snapshotText({ resources: [resource("one", 2), resource("three")], outputs: { a: 2 } });
    expect(differences(text("one", "two"), changed)).toEqual([
      "T one changes",
      "T two is removed",
      "output a changes",
      "T three is added",
    ]);
    expect(differences(text("one"), text("one"))).toEqual([]);
  });

  test("hold the name of a policy, not its text", () => {
    const policy = readFileSync("infra/apim/latchkey-errors.xml", "utf8");
    const shown = snapshotText({
      resources: [{ id: "a", type: "T", name: "a", properties: { value: policy } }],
      outputs: {},
    });
    expect(shown).toContain("(the text of infra/apim/latchkey-errors.xml)");
  });
});
