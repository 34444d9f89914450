import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll } from "vitest";

const MANIFEST = { type: "module", main: "dist/functions/**/*.js" };
const HOST_JSON = { version: "2.0", extensions: { http: { routePrefix: "" } } };

/** A function file with one HTTP function that answers `text` at `/route`. */
export function constantFunction(route: string, text: string): string {
  return `import { app } from "@azure/functions";
app.http("${route}", { methods: ["GET"], route: "${route}", handler: () => ({ body: "${text}" }) });
`;
}

/**
 * Makes a function app in a folder of its own, with these files and this project's packages; it is removed after the
 * tests of the file. package.json and host.json are there unless `files` has its own.
 */
export async function createApp(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(path.join(tmpdir(), "local-host-"));
  afterAll(() => rm(root, { recursive: true, force: true, maxRetries: 3 }));
  await symlink(path.resolve("node_modules"), path.join(root, "node_modules"), "dir");
  const defaults = { "package.json": JSON.stringify(MANIFEST), "host.json": JSON.stringify(HOST_JSON) };
  await writeFiles(root, { ...defaults, ...files });
  return root;
}

/** Writes files into the folder, given by their paths in it. */
export async function writeFiles(root: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(root, name)), { recursive: true });
    await writeFile(path.join(root, name), text);
  }
}
