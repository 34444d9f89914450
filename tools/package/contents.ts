import { existsSync, globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { installedFolder } from "./installed.ts";

/** The files of a package by their paths in it, with slashes on every platform. */
export type PackageFiles = ReadonlyMap<string, Uint8Array>;

type Modules = Readonly<Record<string, readonly string[]>>;

/**
 * The password engines, which cannot be bundled, and their binaries for x64 Linux with glibc, which Azure runs: just
 * the files that are read. Licences must be shipped with what they cover.
 */
const ENGINES: Modules = {
  argon2: ["package.json", "LICENSE", "argon2.cjs", "prebuilds/linux-x64/argon2.glibc.node"],
  "@phc/format": ["package.json", "license", "index.js"],
  "node-gyp-build": ["package.json", "LICENSE", "index.js", "node-gyp-build.js"],
  "@node-rs/argon2": ["package.json", "LICENSE", "index.js"],
  "@node-rs/argon2-linux-x64-gnu": ["package.json", "argon2.linux-x64-gnu.node"],
};

/** What `/docs` and `/redoc` serve, without the hundred packages that these two depend on. */
const PAGES: Modules = {
  "swagger-ui-dist": [
    "LICENSE",
    "NOTICE",
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "swagger-ui-bundle.js.LICENSE.txt",
  ],
  redoc: ["LICENSE", "bundles/redoc.standalone.js", "bundles/redoc.standalone.js.LICENSE.txt"],
};

/** The packages whose files are shipped unchanged. */
export const shippedModules: readonly string[] = Object.keys({ ...ENGINES, ...PAGES });

/**
 * The build's output, and filters of breached passwords (`npm run passwords`). Source maps would double the package, and
 * its code is readable without them.
 */
const SHIPPED = ["dist/functions/**/*.js", "dist/chunks/**/*.js", "dist/pages/**/*", "*.filter"];

/**
 * Collects the files to deploy: the built functions and pages, `host.json`, a `package.json` for production, what cannot
 * be bundled, and filters of breached passwords that lie beside `host.json`. No migrations: in production the service never migrates.
 * @param root the folder of package.json, built
 * @param workshop an empty folder for packages that are not installed on this machine
 * @throws Error naming what is missing
 */
export async function collectFiles(root: string, workshop: string): Promise<PackageFiles> {
  const files = new Map<string, Uint8Array>();
  for (const entry of globSync(SHIPPED, { cwd: root, withFileTypes: true }).filter((found) => found.isFile())) {
    const file = path.join(entry.parentPath, entry.name);
    files.set(toSlashes(path.relative(root, file)), await readBuilt(file));
  }
  files.set("host.json", await readFile(path.join(root, "host.json")));
  files.set("package.json", Buffer.from(productionManifest(await readFile(path.join(root, "package.json"), "utf8"))));
  for (const [name, parts] of Object.entries({ ...ENGINES, ...PAGES })) {
    const folder = await installedFolder(root, name, workshop);
    for (const part of parts) files.set(`node_modules/${name}/${part}`, await readPart(folder, part));
  }
  return new Map([...files].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** A built file without its source map comment. */
async function readBuilt(file: string): Promise<Uint8Array> {
  const content = await readFile(file);
  if (!file.endsWith(".js")) return content;
  return Buffer.from(content.toString().replace(/\n\/\/# sourceMappingURL=\S+\s*$/, "\n"));
}

async function readPart(folder: string, part: string): Promise<Uint8Array> {
  const file = path.join(folder, part);
  if (!existsSync(file)) throw new Error(`${file} is missing; did an update of the package rename its files?`);
  return readFile(file);
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly [member: string]: unknown;
}

/** What Azure reads of package.json, and the versions of what cannot be bundled; no scripts. */
function productionManifest(text: string): string {
  const manifest = JSON.parse(text) as Manifest;
  const kept = ["name", "version", "private", "license", "type", "main", "engines"];
  const shipped = (versions: Readonly<Record<string, string>> = {}) =>
    Object.fromEntries(Object.entries(versions).filter(([name]) => name in ENGINES));
  const production = {
    ...Object.fromEntries(kept.map((member) => [member, manifest[member]])),
    dependencies: shipped(manifest.dependencies),
    optionalDependencies: shipped(manifest.optionalDependencies),
  };
  return `${JSON.stringify(production, undefined, 2)}\n`;
}

function toSlashes(file: string): string {
  return file.split(path.sep).join("/");
}
