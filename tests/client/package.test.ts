import { execFile } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { clientTypesText } from "../../tools/docs.ts";
import { bundle } from "../support/bundle.ts";
import { temporaryFolder } from "../support/folder.ts";
import { loadFunctions } from "../support/service.ts";

beforeAll(loadFunctions);

const compressed = (text: string) => gzipSync(text, { level: 9 }).length;

const core = 'export { createClient, LatchkeyError } from "./src/index.ts"';

describe("@latchkey/client", () => {
  test("client/src/api.ts is what docs/openapi.json says (npm run docs)", async () => {
    expect(readFileSync("client/src/api.ts", "utf8")).toBe(await clientTypesText());
  });

  test("what signs in and keeps signed in stays below 5,000 bytes, compressed; the rest loads when it is asked for", async () => {
    const { first, later } = await bundle(core);
    expect(first).toContain("auth/refresh");
    expect(compressed(first)).toBeLessThan(5000);
    expect(first).not.toContain("code_challenge");
    expect(later).toContain("code_challenge");
    expect(compressed(later)).toBeLessThan(2500);
  });

  test("the account adds less than 2,500 bytes, compressed, and one call of it less than all", async () => {
    const alone = compressed((await bundle(core)).first);
    const added = async (name: string) => {
      const { first } = await bundle(`${core}; export { ${name} } from "./src/account.ts"`);
      return compressed(first) - alone;
    };
    const all = await added("accountOf");
    expect(all).toBeGreaterThan(1000);
    expect(all).toBeLessThan(2500);
    expect(await added("changePassword")).toBeLessThan(600);
    expect(await added("forgotPassword")).toBeLessThan(400);
  });

  test("20.10 second factors add less than 2,500 bytes, compressed, passkeys less than 2,000", async () => {
    const alone = compressed((await bundle(core)).first);
    const added = async (name: string, module: string) =>
      compressed((await bundle(`${core}; export ${name} from "./src/${module}.ts"`)).first) - alone;
    for (const [module, most] of [
      ["mfa", 2500],
      ["passkeys", 2000],
    ] as const) {
      const all = await added("* as calls", module);
      expect(all, module).toBeGreaterThan(800);
      expect(all, module).toBeLessThan(most);
    }
    expect(await added("{ outcomeOf, verify }", "mfa")).toBeLessThan(400);
    expect(await added("{ signInWithPasskey }", "passkeys")).toBeLessThan(1100);
  });

  test("an application carries the calls that it imports, and no others", async () => {
    const calls = { forgotPassword: "auth/password/forgot", sessions: "auth/sessions", deleteAccount: '"auth/me"' };
    const paths = ["auth/reauthenticate", "auth/me/export", "auth/me/activity", ...Object.values(calls)];
    const carried = async (contents: string) => {
      const { first } = await bundle(contents);
      return paths.filter((one) => first.includes(one));
    };
    expect(await carried('export { accountOf } from "./src/account.ts"')).toEqual(paths);
    // The core asks `auth/me` too.
    expect(await carried('export { createClient } from "./src/index.ts"')).toEqual(['"auth/me"']);
    for (const [name, call] of Object.entries(calls))
      expect(await carried(`export { ${name} } from "./src/account.ts"`)).toEqual([call]);
  });

  test("leaves nothing behind in an application that does not use it", async () => {
    for (const entry of ["index", "account", "mfa", "passkeys"])
      expect((await bundle(`import "./src/${entry}.ts"`)).first.trim()).toBe("");
    const errorAlone = await bundle('export { LatchkeyError } from "./src/index.ts"', false);
    expect(errorAlone.first).not.toContain("auth/refresh");
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
    const { accountOf } = await import(`${folder}/account.js`);
    const client = createClient({ baseUrl: "https://auth.example.com" });
    expect(typeof accountOf(client).changePassword).toBe("function");
    client.close();
    const types = readFileSync(`${folder}/index.d.ts`, "utf8");
    expect(types).toContain("export declare function createClient(options: ClientOptions): Client;");
  });
});
