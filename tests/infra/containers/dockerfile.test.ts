import { cpSync, existsSync, globSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import path from "node:path";
import { DockerfileParser } from "dockerfile-ast";
import { describe, expect, test } from "vitest";
import { makePackage } from "../../../tools/package.ts";
import { runTool } from "../../process/run-tool.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { filesBelow, packaged } from "../../support/packaged.ts";

const text = readFileSync("Dockerfile", "utf8");
const dockerfile = DockerfileParser.parse(text);

interface Stage {
  readonly base: string;
  readonly name: string;
  readonly instructions: readonly { readonly keyword: string; readonly words: readonly string[] }[];
}

/** Each FROM with what follows it. */
function stages(): Stage[] {
  const found: { base: string; name: string; instructions: { keyword: string; words: string[] }[] }[] = [];
  for (const instruction of dockerfile.getInstructions()) {
    const [keyword, words] = [instruction.getKeyword(), instruction.getArguments().map((word) => word.getValue())];
    if (keyword === "FROM") found.push({ base: words[0] ?? "", name: words[2] ?? "", instructions: [] });
    else found.at(-1)?.instructions.push({ keyword, words });
  }
  return found;
}

const { folder } = await packaged();
const [build, , last] = stages();
const only = (stage: Stage | undefined, keyword: string) =>
  (stage?.instructions ?? []).filter((instruction) => instruction.keyword === keyword).map(({ words }) => words);

describe("the build context", () => {
  test("is enough for npm run package, which makes of it what it makes of the checkout", async () => {
    const root = buildContext();
    const out = path.join(root, "dist");
    await makePackage({ root, out });
    // The names of chunks tell where packages lie, which is elsewhere here.
    const named = (made: string) => filesBelow(made).filter((file) => !file.startsWith("dist/chunks/"));
    expect(named(path.join(out, "package"))).toEqual(named(folder));
  });

  test("has no settings, data, keys or history in it", () => {
    expect(
      filesBelow(buildContext()).filter((file) => /settings.*\.json$|\.env|\.data|\.git|\.pem$|\.key$/.test(file)),
    ).toEqual([]);
  });
});

test("the stage that migrates has its settings from the environment, and makes no file of them", async () => {
  const root = buildContext();
  const env = { EMBEDDED_DB_FILE: path.join(temporaryFolder(), "latchkey.db") };
  const outcome = await runTool(path.join(root, "tools/migrate.ts"), { cwd: root, args: ["up"], env }).ended;
  expect(outcome).toMatchObject({ code: 0, stdout: expect.stringMatching(/^applied {2}0001_/), stderr: "" });
  expect(existsSync(path.join(root, "local.settings.json"))).toBe(false);
});

describe("the Dockerfile", () => {
  test("has no instruction but those that Docker knows", () => {
    const known = /^(?:FROM|WORKDIR|COPY|RUN|USER|CMD|ENV|EXPOSE|HEALTHCHECK)$/;
    for (const instruction of dockerfile.getInstructions()) expect(instruction.getKeyword()).toMatch(known);
  });

  test("copies what is there: of the context, and of what npm run package makes", async () => {
    const copies = stages().flatMap((stage) => only(stage, "COPY"));
    const sources = copies.flatMap((words) => words.slice(0, -1));
    expect(sources).toEqual(["package.json", "package-lock.json", "client/package.json", ".", "/src/dist/package"]);
    const context = buildContext();
    for (const source of sources.slice(0, 3)) expect(existsSync(path.join(context, source)), source).toBe(true);
    // What npm run package makes below dist/.
    expect(path.join("/src/dist", path.basename(folder))).toBe(sources.at(-1));
    expect(only(build, "WORKDIR")).toEqual([["/src"]]);
  });

  test("runs npm scripts that there are, on the Node of the project", () => {
    const { scripts, devDependencies } = JSON.parse(readFileSync("package.json", "utf8")) as Record<
      string,
      Record<string, string>
    >;
    const named = [...text.matchAll(/npm(?:", "| )run(?:", "| )(\w+)/g)].map(([, name = ""]) => name);
    expect(named).toContain("package");
    expect(named).toContain("migrate");
    for (const name of named) expect(scripts).toHaveProperty(name);
    expect(build?.base).toMatch(new RegExp(`^node:${devDependencies?.["node"]}-bookworm-slim@sha256:`));
  });

  test("ends in Azure's host with the package alone, which the service cannot write to", () => {
    expect(last?.base).toMatch(/^mcr\.microsoft\.com\/azure-functions\/node:/);
    expect(only(last, "COPY")).toEqual([["/src/dist/package", "/home/site/wwwroot"]]);
    expect(text).toContain("COPY --from=build --chown=root:root /src/dist/package /home/site/wwwroot");
    expect(text).toContain("AzureWebJobsScriptRoot=/home/site/wwwroot");
    // What is copied after the folder was given away stays root's.
    expect(text.indexOf("chown -R 1654")).toBeLessThan(text.indexOf("COPY --from=build"));
  });

  test("runs as a number that is not root, listens above 1024, and is asked whether it lives", () => {
    const [[user = ""] = []] = only(last, "USER");
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const [[port = ""] = []] = only(last, "EXPOSE");
    expect(Number(port)).toBeGreaterThan(1024);
    expect(text).toContain(`ASPNETCORE_URLS=http://+:${port}`);
    expect(only(last, "HEALTHCHECK").flat().join(" ")).toContain(`http://localhost:${port}/health/live`);
    expect(existsSync("functions/system/health-live.ts")).toBe(true);
  });
});

/** What .dockerignore leaves of the checkout: everything is out, but for what a line names. */
function contextEntries(): string[] {
  const lines = readFileSync(".dockerignore", "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  expect(lines[0]).toBe("*");
  for (const line of lines.slice(1)) expect(line).toMatch(/^!(?:\*\.)?[\w./-]+$/);
  return lines.slice(1).flatMap((line) => (line.startsWith("!*") ? globSync(line.slice(1)) : [line.slice(1)]));
}

/** The build context in a folder of its own, with this checkout's packages in the place of npm ci. */
function buildContext(): string {
  const root = temporaryFolder();
  for (const entry of contextEntries()) {
    mkdirSync(path.join(root, path.dirname(entry)), { recursive: true });
    cpSync(entry, path.join(root, entry), { recursive: true });
  }
  symlinkSync(path.resolve("node_modules"), path.join(root, "node_modules"), "dir");
  return root;
}
