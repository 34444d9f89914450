import { randomBytes } from "node:crypto";
import { existsSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { readFilter } from "../../shared/passwords/policy/filter-file.ts";
import { sizeFor } from "../../shared/passwords/policy/fuse-build.ts";
import { passwords } from "../../tools/passwords.ts";
import { readHashes } from "../../tools/passwords/hashes.ts";
import { temporaryFolder } from "../support/folder.ts";

const hex = (count: number) => Array.from({ length: count }, () => randomBytes(20).toString("hex").toUpperCase());
const build = async (content: string, ...words: string[]) => {
  const file = path.join(temporaryFolder(), "pwned.txt");
  writeFileSync(file, content);
  const told: string[] = [];
  const said = await passwords(["build", file, ...words], (line) => told.push(line));
  return { file, said: said.join("\n"), told };
};

describe("npm run passwords -- build", () => {
  test("makes a filter that knows every hash of the file, and says what it has made", async () => {
    const hashes = hex(500);
    const { file, said, told } = await build(hashes.map((hash, place) => `${hash}:${place + 1}\n`).join(""));
    const filter = readFilter(`${file}.filter`);
    expect(hashes.every((hash) => filter.has(Buffer.from(hash, "hex")))).toBe(true);
    expect(said).toContain("500 hashes");
    expect(said).toContain("BREACHED_PASSWORDS_FILE");
    expect(told).toEqual(["making the filter of 500 hashes"]);
  });

  test.each([
    ["with a byte order mark and CR LF", (lines: string[]) => `\uFEFF${lines.join("\r\n")}\r\n`],
    [
      "without counts and without an end of the last line",
      (lines: string[]) => lines.map((line) => line.slice(0, 40)).join("\n"),
    ],
    [
      "in lower case, with empty lines, twice",
      (lines: string[]) => `\n${lines.join("\n\n").toLowerCase()}\n\n${lines.join("\n")}`,
    ],
  ])("reads a file %s", async (_what, write) => {
    const hashes = hex(20);
    const out = path.join(temporaryFolder(), "a filter with spaces.bin");
    await build(write(hashes.map((hash) => `${hash}:7`)), "--out", out);
    const filter = readFilter(out);
    expect(hashes.every((hash) => filter.has(Buffer.from(hash, "hex")))).toBe(true);
  });

  test.each([
    ["of passwords", "hunter2\n", "line 1 has no SHA-1 hash"],
    ["of NTLM hashes", `${hex(1)[0]?.slice(0, 32)}:3\n`, "line 1 has no SHA-1 hash"],
    ["with a damaged line", `${hex(2).join("\n")}\nxyz\n`, "line 3 has no SHA-1 hash"],
    ["of one long line", "0".repeat(200_000), "line 1 is too long to be a hash"],
    ["without hashes", "\n\n", "the file has no hashes"],
  ])("refuses a file %s, and makes nothing", async (_what, content, reason) => {
    const out = path.join(temporaryFolder(), "none.filter");
    await expect(build(content, "--out", out)).rejects.toThrow(reason);
    expect(existsSync(out)).toBe(false);
  });

  test("names a file that is missing, and says how it is used", async () => {
    await expect(passwords(["build", "/nowhere/at all.txt"], () => {})).rejects.toThrow("cannot be read (ENOENT)");
    for (const words of [[], ["make", "x"], ["build"], ["build", "x", "y"], ["build", "x", "--what"]])
      await expect(passwords(words, () => {})).rejects.toThrow("usage: npm run passwords");
  });

  test("tells how far it is", async () => {
    const chunk = Buffer.from("0123456789abcdef0123456789abcdef01234567\n".repeat(100));
    async function* many() {
      for (let part = 0; part < 30; part += 1) yield chunk;
    }
    const told: number[] = [];
    await readHashes(many(), (_read, count) => told.push(count), 1000);
    expect(told).toEqual([1000, 2000, 3000]);
  });

  test("a million hashes fit into 3 MB", () => {
    const { segmentLength, segments } = sizeFor(1_000_000);
    expect(2 * segmentLength * (segments + 2)).toBeLessThan(2_500_000);
  });
});
