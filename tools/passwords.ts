// npm run passwords -- build FILE [--out PATH]: makes a filter of breached passwords from a file of their SHA-1 hashes.
import { createReadStream } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { parseArgs } from "node:util";
import { readFilter, writeFilter } from "../shared/passwords/policy/filter-file.ts";
import { buildFuseFilter } from "../shared/passwords/policy/fuse-build.ts";
import { readHashes } from "./passwords/hashes.ts";

const usage = `usage: npm run passwords -- build FILE [--out PATH]

  build FILE  makes a filter of the SHA-1 hashes in a file, one a line, as HASH or HASH:COUNT, in any order. Writes it to
              FILE.filter unless --out says otherwise. Set BREACHED_PASSWORDS_FILE to it`;

/** What is told while the work goes on. */
export type Tell = (line: string) => void;

/** Makes a filter. @returns what to print @throws Error with a line to print */
export async function passwords(words: readonly string[], tell: Tell): Promise<string[]> {
  const { file, out } = readWords(words);
  const size = await stat(file).then(
    (found) => found.size,
    ({ code }: NodeJS.ErrnoException) => {
      throw new Error(`${file} cannot be read (${code})`);
    },
  );
  const progress = (read: number, count: number) =>
    tell(`${Math.floor((100 * read) / size)} % read, ${count.toLocaleString("en")} hashes`);
  const keys = await readHashes(createReadStream(file), progress);
  tell(`making the filter of ${(keys.length / 2).toLocaleString("en")} hashes`);
  const filter = writeFilter(buildFuseFilter(keys));
  await writeFile(out, filter);
  readFilter(out);
  return [
    `${out}: ${(keys.length / 2).toLocaleString("en")} hashes in ${(filter.length / 1e6).toFixed(1)} MB. One in 65,536 other passwords is refused, too.`,
    `Set BREACHED_PASSWORDS_FILE to it.`,
  ];
}

function readWords(words: readonly string[]): { readonly file: string; readonly out: string } {
  let parsed;
  try {
    parsed = parseArgs({ args: [...words], options: { out: { type: "string" } }, allowPositionals: true });
  } catch {
    throw new Error(usage);
  }
  const [command, file, ...rest] = parsed.positionals;
  if (command !== "build" || file === undefined || rest.length > 0) throw new Error(usage);
  return { file, out: path.resolve(parsed.values.out ?? `${file}.filter`) };
}

if (import.meta.main) {
  try {
    console.log((await passwords(process.argv.slice(2), (line) => console.error(line))).join("\n"));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
