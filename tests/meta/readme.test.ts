import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { execFile } from "node:child_process";
import { describe, expect, test } from "vitest";
import { catalogue } from "../../shared/http/catalogue.ts";
import { settingNames } from "../../shared/config.ts";
import { temporaryFolder } from "../support/folder.ts";
import { startService } from "../support/service.ts";

const readme = readFileSync("README.md", "utf8");
const run = promisify(execFile);
const { url } = await startService();

/** The shell block below a heading. */
function block(heading: string): string {
  const section = readme.split(`## ${heading}`)[1] ?? "";
  return /```bash\n([\s\S]*?)```/.exec(section)?.[1] ?? "";
}

describe("README", () => {
  test("its curl examples work as pasted, and a second time", async () => {
    expect(spawnSync("curl", ["--version"]).status, "curl is needed").toBe(0);
    const folder = temporaryFolder();
    const script = block("Try it").replaceAll("http://localhost:7071", url);
    const statuses: string[][] = [];
    for (let round = 0; round < 2; round += 1) {
      const { stdout, stderr } = await run("bash", ["--norc", "-euo", "pipefail", "-c", script], { cwd: folder });
      expect(stderr).toBe("");
      statuses.push([...stdout.matchAll(/"status_code":(\d+)/g)].map(([, status = ""]) => status));
    }
    // The login's answer goes into a variable.
    expect(statuses).toEqual([
      ["201", "200", "200", "200"],
      ["409", "200", "200", "200"],
    ]);
  });

  test("explains every setting and lists every endpoint", () => {
    for (const name of settingNames) expect(readme, name).toContain(`\`${name}\``);
    for (const { route } of catalogue()) expect(readme, route).toContain(`\`/${route.replace(/^\//, "")}\``);
  });

  test("links to files that are there", () => {
    for (const [, target = ""] of readme.matchAll(/\]\((?!http)([^)#]+)\)/g))
      expect(() => readFileSync(target.endsWith("/") ? `${target}0001-layers.md` : target)).not.toThrow();
  });
});
