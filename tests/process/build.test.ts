import { readdir, readFile, rm, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { isBuilt } from "../../tools/build-stamp.ts";
import { build, describeBuildFailure } from "../../tools/build.ts";
import { constantFunction, createApp, writeFiles } from "./app-folder.ts";
import { runTool } from "./run-tool.ts";

const shared = 'export const greeting = () => "hello from shared code";\n';
const greeting = (name: string) => `import { app } from "@azure/functions";
import { greeting } from "../../shared/greeting.ts";
app.http("${name}", { handler: () => ({ body: greeting() }) });
`;

const createTwo = () =>
  createApp({
    "shared/greeting.ts": shared,
    "functions/a/one.ts": greeting("one"),
    "functions/b/two.ts": greeting("two"),
  });

const listOutput = async (root: string) => {
  const entries = await readdir(path.join(root, "dist"), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => path.relative(root, path.join(parentPath, name)));
};

const scripts = async (root: string) => (await listOutput(root)).filter((file) => file.endsWith(".js")).toSorted();

describe("the build", () => {
  test("makes one file of all function files, and chunks of what is loaded later, each with its source map", async () => {
    const root = await createTwo();
    await writeFiles(root, {
      "functions/c.ts": 'export const c = () => import("../shared/late.ts");\n',
      "shared/late.ts": 'export const late = "hello from a late chunk";\n',
    });
    expect(await build({ root })).toMatchObject({ functions: 3 });
    const files = await scripts(root);
    const holders = async (text: string) => {
      const texts = await Promise.all(files.map((file) => readFile(path.join(root, file), "utf8")));
      return files.filter((_, index) => texts[index]?.includes(text));
    };
    expect(files.filter((file) => file.startsWith("dist/functions/"))).toEqual(["dist/functions/index.js"]);
    for (const text of ["// functions/a/one.ts", "// functions/b/two.ts", "hello from shared code"])
      expect(await holders(text)).toEqual(["dist/functions/index.js"]);
    expect(await holders("hello from a late chunk")).toEqual([expect.stringMatching(/^dist\/chunks\//)]);
    for (const file of files)
      expect(await readFile(path.join(root, file), "utf8")).toContain(
        `//# sourceMappingURL=${path.basename(file)}.map`,
      );
    const maps = (await listOutput(root)).filter((file) => file.endsWith(".js.map"));
    expect(maps.toSorted()).toEqual(files.map((file) => `${file}.map`));
  });

  test("leaves argon2 and the functions host's module outside", async () => {
    const root = await createApp({
      "functions/a.ts":
        'import { hash } from "argon2";\nimport { app } from "@azure/functions";\napp.timer(`${hash}`, {});\n',
    });
    await build({ root });
    const texts = await Promise.all((await scripts(root)).map((file) => readFile(path.join(root, file), "utf8")));
    expect(texts.join("\n")).toMatch(/from "argon2";/);
    expect(texts.join("\n")).toMatch(/__require\("@azure\/functions-core"\)/);
    expect(texts.join("\n")).not.toMatch(/from "@azure\/functions"/);
  });

  test("writes only what changed and removes what is stale", async () => {
    const root = await createTwo();
    const { written } = await build({ root });
    expect(written).toBeGreaterThan(0);
    const file = path.join(root, "dist/functions/index.js");
    const { mtimeMs } = await stat(file);
    expect((await build({ root })).written).toBe(0);
    expect((await stat(file)).mtimeMs).toBe(mtimeMs);
    await rm(path.join(root, "functions/b/two.ts"));
    await writeFiles(root, { "functions/c.ts": constantFunction("c", "c"), "dist/functions/stale.js": "" });
    await build({ root });
    expect(await readFile(file, "utf8")).toContain("// functions/c.ts");
    expect(await readFile(file, "utf8")).not.toContain("// functions/b/two.ts");
    expect((await scripts(root)).filter((name) => name.startsWith("dist/functions/"))).toEqual([
      "dist/functions/index.js",
    ]);
  });

  test("makes one file of each page, which holds its script and style and leaves the nonce to who shows it", async () => {
    const root = await createApp({
      "functions/c.ts": constantFunction("c", "c"),
      "pages/hello/page.html":
        '<p>$&</p><link rel="stylesheet" href="style.css" /><script type="module" src="main.ts"></script>',
      "pages/hello/style.css": "p { color: red }\n",
      "pages/hello/main.ts": 'import { text } from "./text.ts";\ndocument.title = text;\n',
      "pages/hello/text.ts": 'export const text: string = "$& </script>";\n',
    });
    // A source that is as young as the build might have changed since.
    await sleep(20);
    await build({ root });
    expect(await isBuilt(root)).toBe(true);
    const html = await readFile(path.join(root, "dist/pages/hello.html"), "utf8");
    expect(html).toContain('<p>$&</p><style nonce="{{nonce}}">\np{color:red}\n</style>');
    expect(html).toMatch(/<script type="module" nonce="\{\{nonce\}\}">\n.*"\$& <\\\/script>".*\n<\/script>$/);
    await writeFiles(root, { "pages/hello/text.ts": 'export const text = "changed";\n' });
    expect(await isBuilt(root)).toBe(false);
    await rm(path.join(root, "pages"), { recursive: true });
    await build({ root });
    expect(await listOutput(root)).not.toContain("dist/pages/hello.html");
  });

  test("that fails writes nothing and names the place", async () => {
    const root = await createTwo();
    await build({ root });
    const before = await Promise.all((await scripts(root)).map((file) => readFile(path.join(root, file), "utf8")));
    await writeFiles(root, {
      "functions/a/one.ts": "export const x = ;\n",
      "functions/b/two.ts": 'import "./missing.ts";\n',
    });
    const failure = await build({ root }).catch((error: unknown) => error);
    expect(describeBuildFailure(failure)).toMatch(/^functions\/\S+:1:\d+: .* \(and 1 more\)$/);
    const after = await Promise.all((await scripts(root)).map((file) => readFile(path.join(root, file), "utf8")));
    expect(after).toEqual(before);
  });

  test("run by several processes at once gives each a whole result and leaves nothing behind", async () => {
    const root = await createTwo();
    const runs = await Promise.all([1, 2, 3].map(() => runTool("tools/build.ts", { cwd: root }).ended));
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect((await build({ root })).written).toBe(0);
    expect(await readdir(path.join(root, "dist"))).toEqual(["build.json", "functions"]);
  });

  test("as a command prints one line, or esbuild's errors and exit code 1", async () => {
    const root = await createTwo();
    const good = await runTool("tools/build.ts", { cwd: root }).ended;
    expect(good.stdout).toMatch(/^built 2 functions in \d+ ms \(\d+ files written\)\n$/);
    await writeFiles(root, { "functions/a/one.ts": "export const x = ;\n" });
    const bad = await runTool("tools/build.ts", { cwd: root }).ended;
    expect(bad).toMatchObject({ code: 1, stdout: "" });
    expect(bad.stderr).toContain("functions/a/one.ts:1:17");
    expect(bad.stderr).not.toMatch(/^\s+at /m);
  });
});

describe("a build that stands", () => {
  test("is known as today's until a source changes, comes or goes, or a part of the output is missing", async () => {
    const root = await createTwo();
    expect(await isBuilt(root)).toBe(false);
    // File times are as coarse as a clock tick: what was written just now may have changed during the build.
    await sleep(20);
    await build({ root });
    expect(await isBuilt(root)).toBe(true);
    await writeFiles(root, { "shared/greeting.ts": `${shared}// changed\n` });
    expect(await isBuilt(root)).toBe(false);
    await build({ root });
    await writeFiles(root, { "functions/c.ts": constantFunction("c", "new") });
    expect(await isBuilt(root)).toBe(false);
    await build({ root });
    await rm(path.join(root, "functions/c.ts"));
    expect(await isBuilt(root)).toBe(false);
    await build({ root });
    await rm(path.join(root, "dist/functions/index.js"));
    expect(await isBuilt(root)).toBe(false);
  });
});
