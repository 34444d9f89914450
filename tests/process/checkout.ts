import { cpSync, rmSync, symlinkSync } from "node:fs";
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
  return copy({ from: ".", to: temporaryFolder(), parts });
}

/**
 * Builds a checkout once. @returns a function that makes a copy of it, whose settings and database are the caller's, in the
 * place of the copy before: a process finds the code compiled that another has loaded from the same path
 */
export async function buildCheckout(): Promise<() => string> {
  const [built, to] = [freshCheckout(), temporaryFolder()];
  await build({ root: built });
  return () => copy({ from: built, to, parts: [...parts, "dist"] });
}

/** Copies a checkout, with this project's packages; files keep their times, by which a build knows its sources. */
function copy({ from, to, parts: copied }: { from: string; to: string; parts: readonly string[] }): string {
  rmSync(to, { recursive: true, force: true, maxRetries: 3 });
  for (const part of copied)
    cpSync(path.join(from, part), path.join(to, part), { recursive: true, preserveTimestamps: true });
  symlinkSync(path.resolve("node_modules"), path.join(to, "node_modules"), "dir");
  return to;
}
