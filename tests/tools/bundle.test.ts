// What a pipeline deploys: made without an identity, whole, and run with nothing of this machine.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { bundledNode, makeBundle } from "../../tools/bundle.ts";
import { temporaryFolder } from "../support/folder.ts";
import { filesBelow } from "../support/packaged.ts";

const isThere = process.platform === "linux" && process.arch === "x64";
if (!isThere) console.log("npm run bundle was not tried: it needs Linux on x64.");

test("15.8 the Node that goes along is the project's, by its hash", () => {
  const { devDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { devDependencies: object };
  expect(devDependencies).toMatchObject({ node: bundledNode.version });
  expect(bundledNode.sha256).toMatch(/^[\da-f]{64}$/);
});

describe.skipIf(!isThere)("15.8 npm run bundle", { timeout: 300_000 }, () => {
  const out = temporaryFolder();
  const folder = path.join(temporaryFolder(), "unpacked");
  let sha256 = "";

  beforeAll(async () => {
    sha256 = await makeBundle({ root: process.cwd(), out });
    mkdirSync(folder);
    execFileSync("tar", ["-xf", path.join(out, "bundle.tar"), "-C", folder]);
  }, 300_000);

  test("makes what the deploying job needs, and says its hash", () => {
    expect(sha256).toBe(
      createHash("sha256")
        .update(readFileSync(path.join(out, "bundle.tar")))
        .digest("hex"),
    );
    const names = filesBelow(folder).filter((name) => !name.startsWith("sql/"));
    expect(names).toEqual([
      "doctor.js",
      "host.json",
      "infra/hooks/migrate.sh",
      "latchkey.zip",
      "migrate.js",
      "node",
      "package.json",
    ]);
    const shipped = filesBelow(path.join(folder, "sql"));
    expect(shipped).toEqual(filesBelow("sql"));
    const packed = readFileSync(path.join(out, "latchkey.zip"));
    expect(readFileSync(path.join(folder, "latchkey.zip")).equals(packed)).toBe(true);
  });

  /** Runs one of its commands, with no PATH: nothing of this machine can help. */
  const run = (words: readonly string[], env: Record<string, string> = {}) =>
    spawnSync("./node", words, { cwd: folder, env, encoding: "utf8" });

  test("migrates with what is in it", () => {
    const file = path.join(temporaryFolder(), "latchkey.db");
    const env = { EMBEDDED_DB_FILE: file, SECRET_KEY: "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0" };
    expect(run(["migrate.js", "up"], env)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^applied {2}0001_/),
    });
    expect(run(["migrate.js", "verify"], env)).toMatchObject({ status: 0 });
    expect(existsSync(file)).toBe(true);
  });

  test("reaches for a SQL Server with what is in it", async () => {
    const env = { DB_SERVER: "127.0.0.1", DB_PORT: "9", DB_DATABASE: "a", DB_USERNAME: "b", DB_PASSWORD: "c" };
    const child = spawn("./node", ["migrate.js", "status"], { cwd: folder, env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text: Buffer) => (said += text.toString()));
    // It would go on trying for a minute.
    await expect.poll(() => said, { timeout: 60_000 }).toContain('"event":"database.retrying"');
    child.kill();
    await once(child, "exit");
  });

  test("examines with what is in it", () => {
    const words = ["doctor.js", "--app", "http://localhost:3000", "--api", "http://localhost:1"];
    expect(run(words)).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(/^same-site .*\nfault +api +no answer/),
    });
  });
});
