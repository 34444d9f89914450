import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { beforeAll, describe, expect, test } from "vitest";
import { clientTypesText } from "../../tools/docs.ts";
import { temporaryFolder } from "../support/folder.ts";
import { loadFunctions } from "../support/service.ts";

beforeAll(loadFunctions);

/** What an application's bundler makes of a module that imports the client. */
async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir: "client", loader: "ts" },
    bundle: true,
    minify: true,
    format: "esm",
    write: false,
    logLevel: "silent",
  });
  return outputFiles[0]?.text ?? "";
}

describe("@latchkey/client", () => {
  test("client/src/api.ts is what docs/openapi.json says (npm run docs)", async () => {
    expect(readFileSync("client/src/api.ts", "utf8")).toBe(await clientTypesText());
  });

  test.each([
    ["what signs in and keeps signed in", "{ createClient, LatchkeyError }", 6120],
    ["all of it", "*", 7285],
  ])(
    "%s is smaller than it was measured to be, and a little: export %s, %i bytes, compressed",
    async (_, names, bytes) => {
      const text = await bundle(`export ${names} from "./src/index.ts"`);
      expect(text.length).toBeGreaterThan(3000);
      expect(gzipSync(text, { level: 9 }).length).toBeLessThan(bytes);
    },
  );

  test("an application that does not change accounts does not carry what does", async () => {
    const signingIn = await bundle('export { createClient } from "./src/index.ts"');
    expect(signingIn).not.toContain("auth/reauthenticate");
    expect(await bundle('export { accountOf } from "./src/index.ts"')).toContain("auth/reauthenticate");
  });

  test("leaves nothing behind in an application that does not use it", async () => {
    expect((await bundle('import "./src/index.ts"')).trim()).toBe("");
    const errorAlone = await bundle('export { LatchkeyError } from "./src/index.ts"');
    expect(errorAlone).not.toContain("auth/refresh");
  });

  test("depends on nothing, and names no storage of the browser", () => {
    const manifest = JSON.parse(readFileSync("client/package.json", "utf8"));
    expect(manifest).toMatchObject({ name: "@latchkey/client", type: "module", sideEffects: false });
    expect(Object.keys(manifest).filter((name) => /dependencies/i.test(name))).toEqual([]);
    const files = globSync(["client/src/**", "client/*.*"]).filter((file) => !file.includes("node_modules"));
    expect(files.length).toBeGreaterThan(10);
    for (const file of files) {
      if (!/\.\w+$/.test(file)) continue;
      const text = readFileSync(file, "utf8");
      expect(text, file).not.toMatch(/localStorage|sessionStorage|indexedDB|document\.cookie/i);
      if (file.endsWith(".ts")) expect(text, file).not.toMatch(/from "(?!\.\/)/);
    }
  });

  test("builds to modules with types, which an application in TypeScript can use", async () => {
    const folder = temporaryFolder();
    const run = promisify(execFile);
    await run("tsc", ["-p", "client/tsconfig.build.json", "--outDir", folder]);
    const source = readFileSync(`${folder}/index.js`, "utf8");
    expect(source).toContain('from "./keeper.js"');
    const { createClient, LatchkeyError } = await import(`${folder}/index.js`);
    expect([typeof createClient, typeof LatchkeyError]).toEqual(["function", "function"]);
    const types = readFileSync(`${folder}/index.d.ts`, "utf8");
    expect(types).toContain("export declare function createClient(options: ClientOptions): Client;");
  });
});
