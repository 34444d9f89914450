import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import * as esbuild from "esbuild";
import { EXTERNAL, REQUIRE_BANNER } from "../build.ts";

/** One function, without any of our code, that uses the three packages that every endpoint needs. */
const source = `import { app } from "@azure/functions";
import { Kysely, SqliteDialect, sql } from "kysely";
import * as z from "zod";
export const needed = [Kysely, SqliteDialect, sql, z.strictObject({ name: z.string() })];
app.http("floor", { handler: () => ({}) });
`;

/** Makes an app of just these packages, built like ours: the minimum cost of importing. @returns its folder */
export async function makeImportFloor(folder: string): Promise<string> {
  const root = path.join(folder, "floor");
  mkdirSync(root);
  writeFileSync(path.join(root, "package.json"), '{ "type": "module", "main": "floor.js" }');
  await esbuild.build({
    stdin: { contents: source, resolveDir: process.cwd() },
    outfile: path.join(root, "floor.js"),
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node22",
    banner: { js: REQUIRE_BANNER },
    external: EXTERNAL,
    logLevel: "silent",
  });
  return root;
}
