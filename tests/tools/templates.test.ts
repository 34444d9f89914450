// What provisions: made without a package of npm, by the compiler of a pinned hash.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { hasDotnet } from "../../tools/dotnet.ts";
import { runTool, type Outcome } from "../process/run-tool.ts";
import { temporaryFolder } from "../support/folder.ts";
import { filesBelow } from "../support/packaged.ts";

const isThere = process.platform === "linux" && process.arch === "x64" && hasDotnet();
if (!isThere) console.log("npm run templates was not tried: it needs Linux on x64, and the .NET SDK.");

describe.skipIf(!isThere)("15.8 npm run templates, before npm ci,", { timeout: 300_000 }, () => {
  const root = bareCheckout();
  const { folder: bin, trace } = impostor();
  const folder = path.join(temporaryFolder(), "unpacked");
  let outcome: Outcome = { code: null, stdout: "", stderr: "" };

  beforeAll(async () => {
    const { PATH = "", HOME = "" } = process.env;
    const env = { PATH: `${bin}:${PATH}`, HOME, LATCHKEY_PROFILE: "warm", LATCHKEY_ISSUER: "" };
    outcome = await runTool(path.join(root, "tools/templates.ts"), { cwd: root, env }).ended;
    mkdirSync(folder);
    if (outcome.code === 0) execFileSync("tar", ["-xf", path.join(root, "dist/templates.tar"), "-C", folder]);
  }, 300_000);

  test("makes what the provisioning job needs, and says its hash", () => {
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    const archive = readFileSync(path.join(root, "dist/templates.tar"));
    expect(outcome.stdout).toBe(`${createHash("sha256").update(archive).digest("hex")}\n`);
    expect(filesBelow(folder)).toEqual(["infra/hooks/register.sh", "parameters.json", "template.json"]);
  });

  test("compiles templates and parameters, with what the environment says and nothing of what it leaves empty", () => {
    const read = (name: string) => JSON.parse(readFileSync(path.join(folder, name), "utf8")) as Record<string, object>;
    expect(read("parameters.json")["parameters"]).toMatchObject({ profile: { value: "warm" }, issuer: { value: "" } });
    expect(Object.keys(read("template.json")["resources"] ?? {}).length).toBeGreaterThan(10);
    expect(JSON.stringify(read("parameters.json"))).not.toContain("secretKey");
  });

  test("runs no compiler of the PATH, whatever it calls itself", () => {
    expect(outcome.code).toBe(0);
    expect(existsSync(trace)).toBe(false);
  });
});

/** A checkout before npm ci. The compiler may have been restored in it before. */
function bareCheckout(): string {
  const root = temporaryFolder();
  for (const entry of ["infra", "tools", "package.json"]) cpSync(entry, path.join(root, entry), { recursive: true });
  const cache = path.resolve("node_modules/.cache/latchkey/bicep");
  mkdirSync(cache, { recursive: true });
  mkdirSync(path.join(root, "node_modules/.cache/latchkey"), { recursive: true });
  symlinkSync(cache, path.join(root, "node_modules/.cache/latchkey/bicep"), "dir");
  return root;
}

/** A program that calls itself Bicep of the pinned version, and leaves a trace when it is asked for more. */
function impostor(): { readonly folder: string; readonly trace: string } {
  const folder = temporaryFolder();
  const trace = path.join(folder, "was-here");
  const program = path.join(folder, "bicep");
  writeFileSync(
    program,
    `#!/bin/sh\n[ "$1" = --version ] || touch '${trace}'\necho 'Bicep CLI version 0.49.2 (abc)'\n`,
  );
  chmodSync(program, 0o755);
  return { folder, trace };
}
