import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { execFile } from "node:child_process";
import { describe, expect, test, vi } from "vitest";
import { catalogue } from "../../shared/http/catalogue.ts";
import { settingNames } from "../../shared/config.ts";
import { temporaryFolder } from "../support/folder.ts";
import { newDevice } from "../support/people.ts";
import { startService } from "../support/service.ts";

const readme = readFileSync("README.md", "utf8");
const run = promisify(execFile);
const { url, api, clock } = await startService();

/** The shell block below a heading. */
function block(heading: string): string {
  const section = readme.split(`## ${heading}\n`)[1] ?? "";
  return /```bash\n([\s\S]*?)```/.exec(section)?.[1] ?? "";
}

describe("README", () => {
  test("its curl examples work as pasted, and a second time", async () => {
    expect(spawnSync("curl", ["--version"]).status, "curl is needed").toBe(0);
    const folder = temporaryFolder();
    const script = block("Try it with curl").replaceAll("http://localhost:7071", url);
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

  test("its code for an API accepts an access token, and no other", async () => {
    const [, imported = "", rest = ""] = /```js\n(import .+ from "jose";)\n([\s\S]*?)```/.exec(readme) ?? [];
    const file = path.join(temporaryFolder(), "api.mjs");
    const here = imported.replace('"jose"', JSON.stringify(import.meta.resolve("jose")));
    const steps = rest.replace("http://localhost:7071/.well-known", `${url}/.well-known`);
    const code = `${here}\nexport async function subjectOf(token) {\n${steps}return payload.sub;\n}\n`;
    writeFileSync(file, code);
    const { subjectOf } = (await import(file)) as { subjectOf: (token: string) => Promise<string> };
    const { accessToken } = await newDevice(api);
    vi.useFakeTimers({ toFake: ["Date"], now: clock.now() });
    expect(await subjectOf(accessToken)).toMatch(/^[0-9a-f-]{36}$/);
    await expect(subjectOf(`${accessToken.slice(0, -8)}AAAAAAAA`)).rejects.toThrow("signature");
    vi.useRealTimers();
  });

  test("is short, and names ten settings that exist", () => {
    expect(readme.split("\n").length).toBeLessThanOrEqual(151);
    const named = [...readme.matchAll(/^\| `(\w+)` \|/gm)].map(([, name = ""]) => name);
    expect(named).toHaveLength(10);
    expect(settingNames).toEqual(expect.arrayContaining(named));
  });
});

test("docs/settings.md explains every setting, and docs/endpoints.md lists every endpoint", () => {
  const [settings, endpoints] = ["docs/settings.md", "docs/endpoints.md"].map((page) => readFileSync(page, "utf8"));
  for (const name of settingNames) expect(settings, name).toContain(`\`${name}\``);
  for (const { route } of catalogue()) expect(endpoints, route).toContain(`\`/${route.replace(/^\//, "")}\``);
});
