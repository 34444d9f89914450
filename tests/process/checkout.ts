import { cpSync, symlinkSync } from "node:fs";
import path from "node:path";
import { build } from "../../tools/build.ts";
import { temporaryFolder } from "../support/folder.ts";

const parts = [
  "client",
  "docs",
  "functions",
  "pages",
  "shared",
  "sql",
  "tools",
  "host.json",
  "package.json",
  "local.settings.example.json",
];

/** Makes a checkout of its own, before its first build. @returns its path */
export function freshCheckout(): string {
  return copyOf(".", parts);
}

/** Builds a checkout once. @returns a function that makes copies of it, whose settings and database are the caller's */
export async function buildCheckout(): Promise<() => string> {
  const built = freshCheckout();
  await build({ root: built });
  return () => copyOf(built, [...parts, "dist"]);
}

/** A copy of `source` with this project's packages; files keep their times, by which a build knows its sources. */
function copyOf(source: string, copied: readonly string[]): string {
  const root = temporaryFolder();
  for (const part of copied)
    cpSync(path.join(source, part), path.join(root, part), { recursive: true, preserveTimestamps: true });
  symlinkSync(path.resolve("node_modules"), path.join(root, "node_modules"), "dir");
  return root;
}
