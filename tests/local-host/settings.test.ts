import { execFile } from "node:child_process";
import { copyFile, readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { parse } from "jsonc-parser";
import { describe, expect, test } from "vitest";
import { loadHostJson, loadSettings, type Environment } from "../../tools/local-host/settings.ts";
import { createApp } from "../process/app-folder.ts";

const run = promisify(execFile);
const appWith = (settings: object | string) =>
  createApp({ "local.settings.json": typeof settings === "string" ? settings : JSON.stringify(settings) });

describe("local.settings.json", () => {
  test("fills the environment, which wins; an empty value on either side counts as absent", async () => {
    const root = await appWith({ Values: { A: "file", B: "file", C: "file", D: "" } });
    const environment: Environment = { B: "environment", C: "" };
    loadSettings(root, environment);
    expect(environment).toEqual({ A: "file", B: "environment", C: "file", PORT: "7071" });
  });

  test("is made once by commands that start at once, and all of them use that one", async () => {
    const root = await createApp({});
    await copyFile("local.settings.example.json", path.join(root, "local.settings.example.json"));
    const script = `import { loadSettings } from "${path.resolve("tools/local-host/settings.ts")}";
      const environment = {}; loadSettings(${JSON.stringify(root)}, environment); console.log(environment.SECRET_KEY);`;
    const runs = Array.from({ length: 5 }, () =>
      run(process.execPath, ["--input-type=module-typescript", "-e", script]),
    );
    const secrets = (await Promise.all(runs)).map(({ stdout }) => stdout.trim());
    expect([new Set(secrets).size, secrets[0]?.length]).toEqual([1, 64]);
    expect((await readdir(root)).filter((name) => name.startsWith("local.settings.json"))).toEqual([
      "local.settings.json",
    ]);
  });

  test("may hold comments and trailing commas", async () => {
    const root = await appWith('{ /* a */ "Values": { "A": "b", }, // c\n }');
    const environment: Environment = {};
    loadSettings(root, environment);
    expect(environment["A"]).toBe("b");
  });

  test.each([
    [{}, {}, 7071],
    [{ Host: { LocalHttpPort: 7072 } }, {}, 7072],
    [{ Host: { LocalHttpPort: 7072 }, Values: { PORT: "7073" } }, {}, 7073],
    [{ Host: { LocalHttpPort: 7072 }, Values: { PORT: "" } }, {}, 7072],
    [{ Host: { LocalHttpPort: 7072 }, Values: { PORT: "7073" } }, { PORT: "7074" }, 7074],
  ])("%j with the environment %j gives the port %d", async (settings, environment, port) => {
    const changed: Environment = { ...environment };
    expect(loadSettings(await appWith(settings), changed).port).toBe(port);
    expect(changed["PORT"]).toBe(String(port));
  });

  test.each(["0", "65536", "-1", "80a", "1e3", " "])("with the PORT %j is refused", async (port) => {
    const root = await appWith({ Values: { PORT: port } });
    expect(() => loadSettings(root, {})).toThrow(/PORT .* must be a number from 1 to 65535/);
  });

  test.each([
    ['{\n  "Values": {,}\n}', /not valid JSON: ValueExpected at line 2, column 14/],
    ["", /not valid JSON/],
    ["[]", /must hold a JSON object/],
    ["null", /must hold a JSON object/],
    ['{"Values": []}', /Values must be an object/],
    ['{"Values": {"A": 1}}', /the value of A must be a string in quotes/],
    ['{"Values": {"A": {}}}', /the value of A must be a string in quotes/],
    ['{"IsEncrypted": true}', /encrypted/],
  ])("with the content %j is refused in one line that says why", async (content, reason) => {
    const root = await appWith(content);
    expect(() => loadSettings(root, {})).toThrow(reason);
    expect(() => loadSettings(root, {})).toThrow(/^[^\n]+$/);
  });

  test("that cannot be read is refused", async () => {
    const root = await createApp({ "local.settings.json/folder": "" });
    expect(() => loadSettings(root, {})).toThrow(/local\.settings\.json cannot be read/);
  });

  test("when missing is made from the example, comments kept, with a key of its own, for its owner alone", async () => {
    const example = '{\n  // kept\n  "Values": { "SECRET_KEY": "replace-me", "A": "b" }\n}\n';
    const roots = [
      await createApp({ "local.settings.example.json": example }),
      await createApp({ "local.settings.example.json": example }),
    ];
    const keys: unknown[] = [];
    for (const root of roots) {
      const environment: Environment = {};
      expect(loadSettings(root, environment).isFileNew).toBe(true);
      const file = path.join(root, "local.settings.json");
      const text = await readFile(file, "utf8");
      expect(text).toContain("// kept");
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect(parse(text)).toEqual({ Values: { SECRET_KEY: environment["SECRET_KEY"], A: "b" } });
      expect(environment["SECRET_KEY"]).toMatch(/^[\w-]{64}$/);
      expect(loadSettings(root, {}).isFileNew).toBe(false);
      keys.push(environment["SECRET_KEY"]);
    }
    expect(keys[0]).not.toBe(keys[1]);
  });

  test("without an example is not needed", async () => {
    expect(loadSettings(await createApp({}), {})).toEqual({ port: 7071, isFileNew: false });
  });

  test("whose example cannot be read is refused", async () => {
    const root = await createApp({ "local.settings.example.json/folder": "" });
    expect(() => loadSettings(root, {})).toThrow(/local\.settings\.json cannot be created/);
  });
});

describe("host.json", () => {
  test("when missing is refused with what to do", async () => {
    expect(() => loadHostJson(path.join("tests", "process"))).toThrow(/no host\.json in .*own folder/);
  });

  test("may hold comments", async () => {
    const root = await createApp({ "host.json": '{ "extensions": {} /* none */ }' });
    expect(loadHostJson(root)).toEqual({ extensions: {} });
  });
});
