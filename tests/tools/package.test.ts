import { createHash, randomBytes } from "node:crypto";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, globSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { createApp, writeFiles } from "../process/app-folder.ts";
import { runTool } from "../process/run-tool.ts";
import { temporaryFolder } from "../support/folder.ts";
import { filesBelow, packaged } from "../support/packaged.ts";
import { whenDone } from "../support/when-done.ts";

const { folder, zip, files } = await packaged();
const names = filesBelow(folder);
const read = (name: string) => readFileSync(path.join(folder, name));

describe("npm run package", () => {
  test("makes the built functions, host.json, package.json and what cannot be bundled, and nothing else", () => {
    expect(names.length).toBe(files);
    expect(names.filter((name) => name.startsWith("dist/functions/"))).toEqual(["dist/functions/index.js"]);
    // The bundler names each file above its code.
    const held = read("dist/functions/index.js")
      .toString()
      .matchAll(/^\/\/ (functions\/\S+\.ts)$/gm);
    expect([...held].map(([, file]) => file).toSorted()).toEqual(globSync("functions/**/*.ts").toSorted());
    const others = names.filter((name) => !/^(?:dist\/(?:functions|chunks)\/.+\.js|dist\/pages\/.+)$/.test(name));
    expect(others.filter((name) => !name.startsWith("node_modules/"))).toEqual(["host.json", "package.json"]);
    const modules = names.map((name) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1]).filter(Boolean);
    expect([...new Set(modules)].toSorted()).toEqual([
      "@node-rs/argon2",
      "@node-rs/argon2-linux-x64-gnu",
      "@phc/format",
      "argon2",
      "node-gyp-build",
      "redoc",
      "swagger-ui-dist",
    ]);
  });

  test("has every file that a function reads, and the licence of each package that has one", () => {
    const sources = globSync(["functions/**/*.ts", "shared/**/*.ts"]).map((file) => readFileSync(file, "utf8"));
    const wanted = sources.flatMap((text) => [...text.matchAll(/appFile\("([^"]+)"/g)].map(([, file]) => file));
    expect(wanted.length).toBeGreaterThan(2);
    for (const file of wanted) expect(names).toContain(file);
    for (const name of ["argon2", "@phc/format", "node-gyp-build", "@node-rs/argon2", "redoc", "swagger-ui-dist"])
      expect(names.join("\n")).toMatch(new RegExp(`^node_modules/${name}/licen[cs]e$`, "im"));
  });

  test("leaves source maps out, and no line leads to one", () => {
    expect(names.filter((name) => name.endsWith(".map"))).toEqual([]);
    for (const name of names.filter((built) => built.startsWith("dist/") && built.endsWith(".js")))
      expect(read(name).toString(), name).not.toMatch(/^\/\/# sourceMappingURL=/m);
  });

  test("has the binaries for Linux on x64 with glibc, whatever machine this is", () => {
    const binaries = names.filter((name) => name.endsWith(".node"));
    expect(binaries.map((name) => path.basename(name))).toEqual(["argon2.linux-x64-gnu.node", "argon2.glibc.node"]);
    for (const name of binaries) {
      const head = read(name);
      // An ELF file of 64 bits, little endian, for x86-64 (machine 62).
      expect([head.toString("latin1", 0, 4), head[4], head[5], head.readUInt16LE(18)]).toEqual(["\x7FELF", 2, 1, 62]);
      expect(head.includes("ld-musl") || head.includes("libc.musl")).toBe(false);
    }
  });

  test("writes a package.json that runs nothing and names the versions that are in it", () => {
    const manifest = JSON.parse(read("package.json").toString()) as Record<string, Record<string, string>>;
    const own = JSON.parse(readFileSync("package.json", "utf8")) as typeof manifest;
    expect(Object.keys(manifest)).toEqual([
      "name",
      "version",
      "private",
      "license",
      "type",
      "main",
      "engines",
      "dependencies",
      "optionalDependencies",
    ]);
    expect(manifest).toMatchObject({ type: "module", main: own["main"], version: own["version"] });
    const versions = { ...manifest["dependencies"], ...manifest["optionalDependencies"] };
    expect(Object.keys(versions)).toEqual(["argon2", "@node-rs/argon2"]);
    for (const [name, version] of Object.entries(versions))
      expect(JSON.parse(read(`node_modules/${name}/package.json`).toString())).toMatchObject({ version });
  });

  test("zips the folder, file for file", () => {
    const zipped = unzipSync(readFileSync(zip));
    expect(Object.keys(zipped)).toEqual(names);
    for (const name of names) expect(read(name).equals(zipped[name] ?? Buffer.of()), name).toBe(true);
  });
});

const page = (body: string) => ({
  "pages/a/page.html": `<link rel="stylesheet" href="style.css" />${body}<script type="module" src="main.ts"></script>`,
  "pages/a/main.ts": "console.log(1);\n",
  "pages/a/style.css": "p { margin: 0 }\n",
});
const app = { "package-lock.json": "{}", "functions/hello.ts": 'console.log("hello");\n', ...page("<p>") };
const packageIn = (root: string, env: Record<string, string> = {}) =>
  runTool("tools/package.ts", { cwd: root, env }).ended;

describe("npm run package, as a command", () => {
  test("prints the size, takes the built pages along, and makes the same zip of the same files at any time anywhere", async () => {
    const [one, other] = [await createApp(app), await createApp(app)];
    const first = await packageIn(one, { TZ: "Asia/Tokyo" });
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toMatch(/^dist\/latchkey\.zip: \d\.\d MB, \d+ files, as in dist\/package\n$/);
    expect(filesBelow(path.join(one, "dist/package"))).toContain("dist/pages/a.html");
    await writeFiles(other, { "dist/package/stale.js": "", "dist/chunks/stale.js": "" });
    await packageIn(other, { TZ: "America/New_York" });
    expect(filesBelow(path.join(other, "dist/package"))).toEqual(filesBelow(path.join(one, "dist/package")));
    const bytes = (root: string) => readFileSync(path.join(root, "dist/latchkey.zip"));
    expect(bytes(one).equals(bytes(other))).toBe(true);
    await writeFiles(other, page("<b>"));
    await packageIn(other);
    expect(bytes(one).equals(bytes(other))).toBe(false);
  });

  test("takes along a filter of breached passwords that lies beside host.json, byte for byte", async () => {
    const filter = "latchkey passwords 1\n//# sourceMappingURL=x\n";
    const root = await createApp({ ...app, "breached.filter": filter, "hashes.txt": "0", "data/other.filter": "0" });
    expect(await packageIn(root)).toMatchObject({ code: 0, stderr: "" });
    const packed = path.join(root, "dist/package");
    expect(filesBelow(packed).filter((name) => /filter|hashes/.test(name))).toEqual(["breached.filter"]);
    expect(readFileSync(path.join(packed, "breached.filter"), "utf8")).toBe(filter);
  });

  test("with more than 15 MB says so and ends with 1", async () => {
    const root = await createApp({ ...app, ...page(randomBytes(15_000_000).toString("base64")) });
    const outcome = await packageIn(root);
    expect(outcome).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^1[56]\.\d MB is more than the 15 MB .*\n$/),
    });
  });

  test("of sources that do not build says where and ends with 1", async () => {
    const outcome = await packageIn(await createApp({ "functions/bad.ts": "export const x = ;" }));
    expect(outcome).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(/^functions\/bad\.ts:1:17: .*\n$/),
    });
  });
});

describe("on a machine for which npm installs another binary", () => {
  const binary = "@node-rs/argon2-linux-x64-gnu";

  /** The binary's package as a registry hands it out, on loopback. */
  async function startRegistry() {
    const source = temporaryFolder();
    cpSync(path.join("node_modules", binary), path.join(source, "package"), { recursive: true, dereference: true });
    execFileSync("tar", ["-czf", "binary.tgz", "package"], { cwd: source });
    const archive = readFileSync(path.join(source, "binary.tgz"));
    const { version } = JSON.parse(readFileSync(path.join(source, "package/package.json"), "utf8")) as {
      version: string;
    };
    const integrity = `sha512-${createHash("sha512").update(archive).digest("base64")}`;
    const server = createServer((request, response) => {
      const dist = { tarball: `${url()}/binary.tgz`, integrity };
      const document = { name: binary, "dist-tags": {}, versions: { [version]: { name: binary, version, dist } } };
      response.end(request.url?.endsWith(".tgz") ? archive : JSON.stringify(document));
    }).listen(0, "127.0.0.1");
    const url = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await once(server, "listening");
    whenDone(() => server.close());
    return { url: url(), version, integrity };
  }

  /** An app whose packages are this checkout's, but for the binary. */
  async function appWithoutBinary(locked: object): Promise<string> {
    const root = temporaryFolder();
    for (const name of ["argon2", "@phc/format", "node-gyp-build", "@node-rs/argon2", "redoc", "swagger-ui-dist"]) {
      mkdirSync(path.join(root, "node_modules", path.dirname(name)), { recursive: true });
      symlinkSync(path.resolve("node_modules", name), path.join(root, "node_modules", name), "dir");
    }
    await writeFiles(root, {
      ...app,
      "package.json": '{"type":"module"}',
      "host.json": "{}",
      "package-lock.json": JSON.stringify({ packages: { [`node_modules/${binary}`]: locked } }),
    });
    return root;
  }

  test("fetches the one of the lockfile", async () => {
    const { url, ...locked } = await startRegistry();
    const root = await appWithoutBinary(locked);
    const outcome = await packageIn(root, { npm_config_registry: url, npm_config_cache: temporaryFolder() });
    expect(outcome).toMatchObject({ code: 0, stderr: "" });
    const place = `node_modules/${binary}/argon2.linux-x64-gnu.node`;
    expect(readFileSync(path.join(root, "dist/package", place)).equals(read(place))).toBe(true);
  });

  test("refuses another one", async () => {
    const { url, version } = await startRegistry();
    const root = await appWithoutBinary({ version, integrity: "sha512-AAAA" });
    const outcome = await packageIn(root, { npm_config_registry: url, npm_config_cache: temporaryFolder() });
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/^@node-rs\/argon2-linux-x64-gnu@[\d.]+ is not installed .* package-lock\.json\n$/);
  });
});
