import { randomBytes } from "node:crypto";
import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../../shared/config.ts";
import { createBreaches } from "../../../../shared/passwords/policy/breaches.ts";
import { readFilter, writeFilter } from "../../../../shared/passwords/policy/filter-file.ts";
import { buildFuseFilter } from "../../../../shared/passwords/policy/fuse-build.ts";
import { createFuseFilter } from "../../../../shared/passwords/policy/fuse-filter.ts";
import { systemClock } from "../../../../shared/platform/clock.ts";
import { temporaryFolder } from "../../../support/folder.ts";
import { sha1Of } from "../../../../tools/bench/range-stand-in.ts";
import { testSettings } from "../../../support/settings.ts";

/** Hashes, and the keys that they are in a filter. */
function manyHashes(count: number) {
  const hashes = Array.from({ length: count }, () => randomBytes(20));
  return { hashes, keys: new Uint32Array(hashes.flatMap((hash) => [hash.readUInt32BE(0), hash.readUInt32BE(4)])) };
}

function writeSample(passwords: readonly string[]): string {
  const hashes = passwords.map((password) => Buffer.from(sha1Of(password), "hex"));
  const keys = new Uint32Array(hashes.flatMap((hash) => [hash.readUInt32BE(0), hash.readUInt32BE(4)]));
  const file = path.join(temporaryFolder(), "breached.filter");
  writeFileSync(file, writeFilter(buildFuseFilter(keys)));
  return file;
}

describe("a fuse filter", () => {
  test.each([0, 1, 2, 3, 10, 1000, 50_000])("knows each of %d hashes, however often it was given", (count) => {
    const { hashes, keys } = manyHashes(count);
    const filter = createFuseFilter(buildFuseFilter(new Uint32Array([...keys, ...keys])));
    expect(hashes.filter((hash) => !filter.has(hash))).toEqual([]);
  });

  test("takes one in 65,536 unknown hashes for a known one, at 18 to 19 bits for each known one", () => {
    const parts = buildFuseFilter(manyHashes(100_000).keys);
    expect((parts.fingerprints.length * 16) / 100_000).toBeLessThan(20);
    const filter = createFuseFilter(parts);
    const unknown = randomBytes(8 * 500_000);
    let taken = 0;
    for (let at = 0; at < unknown.length; at += 8) if (filter.has(unknown.subarray(at, at + 8))) taken += 1;
    // 7.6 on average; more than 30 come once in 10^9 runs.
    expect(taken).toBeLessThan(30);
  });
});

describe("BREACHED_PASSWORDS_FILE", () => {
  const breachesOf = (file: string) => {
    const config = loadConfig({ ...testSettings, BREACHED_PASSWORDS: "", BREACHED_PASSWORDS_FILE: file });
    return createBreaches(config.passwords.breached, systemClock);
  };

  test("ASVS 6.2.12: its passwords are known, and no others, without asking anybody", async () => {
    const breaches = breachesOf(writeSample(["a known pass phrase", "caf\u00E9 caf\u00E9"]));
    for (const known of ["a known pass phrase", "cafe\u0301 cafe\u0301"]) expect(await breaches.has(known)).toBe(true);
    expect(await breaches.has("an unknown pass phrase")).toBe(false);
    expect(breaches.standing()).toBe("up");
  });

  test.each([
    ["that is missing", "cannot be read (ENOENT)", undefined],
    ["that is cut off", "is cut off", (file: string) => truncateSync(file, readFileSync(file).length - 1)],
    ["that is cut off in its head", "is cut off", (file: string) => truncateSync(file, 25)],
    ["that has grown", "has grown", (file: string) => appendFileSync(file, "x")],
    ["that is damaged", "is damaged", (file: string) => writeFileSync(file, flip(readFileSync(file), 60))],
    ["whose checksum is damaged", "is damaged", (file: string) => writeFileSync(file, flip(readFileSync(file), -1))],
    ["that is something else", "npm run passwords", (file: string) => writeFileSync(file, "0".repeat(40))],
    ["that is empty", "npm run passwords", (file: string) => writeFileSync(file, "")],
  ])("a file %s is refused at the start, with the reason and without its path", (_what, reason, spoil) => {
    const file = writeSample(["a known pass phrase"]);
    spoil?.(file);
    const named = spoil ? file : `${file}.not`;
    const load = () => loadConfig({ ...testSettings, BREACHED_PASSWORDS_FILE: named });
    expect(load).toThrow(reason);
    expect(load).toThrow("BREACHED_PASSWORDS_FILE");
    expect(load).not.toThrow(named);
  });

  test("readFilter gives what writeFilter was given", () => {
    const { hashes, keys } = manyHashes(100);
    const file = path.join(temporaryFolder(), "some.filter");
    writeFileSync(file, writeFilter(buildFuseFilter(keys)));
    const filter = readFilter(file);
    expect(hashes.every((hash) => filter.has(hash))).toBe(true);
  });
});

/** With one bit that is another. */
function flip(file: Buffer, at: number): Buffer {
  const place = at < 0 ? file.length + at : at;
  file[place] = (file[place] ?? 0) ^ 1;
  return file;
}

describe("the settings for breached passwords", () => {
  const sourceOf = (settings: Record<string, string>) =>
    loadConfig({ ...testSettings, BREACHED_PASSWORDS: "", ...settings }).passwords.breached;

  test("ask the range API in staging and production, nobody in development, and a file wherever there is one", () => {
    const production = {
      ENVIRONMENT: "staging",
      ISSUER: "https://auth.example.com",
      DB_SERVER: "sql.example.com",
      DB_DATABASE: "latchkey",
      MAIL_PROVIDER: "smtp",
      SMTP_HOST: "mail.example.com",
      MAIL_FROM: "noreply@example.com",
      FRONTEND_URL: "https://app.example.com",
      ARGON2_MEMORY_KIB: "19456",
      ARGON2_ITERATIONS: "2",
    };
    expect(sourceOf({})).toEqual({ kind: "off" });
    expect(sourceOf({ BREACHED_PASSWORDS: "on", HIBP_TIMEOUT_MS: "500" })).toEqual({
      kind: "range",
      baseUrl: "https://api.pwnedpasswords.com",
      timeoutMilliseconds: 500,
    });
    expect(sourceOf(production)).toMatchObject({ kind: "range" });
    expect(sourceOf({ ...production, BREACHED_PASSWORDS: "off" })).toEqual({ kind: "off" });
    expect(sourceOf({ BREACHED_PASSWORDS_FILE: writeSample(["known"]) })).toMatchObject({ kind: "filter" });
    expect(() => sourceOf({ ...production, HIBP_BASE_URL: "http://localhost:8080" })).toThrow(
      "HIBP_BASE_URL must be https in production",
    );
  });

  test.each(["http://range.example.com", "https://range.example.com/", "https://range.example.com/?a=b"])(
    "refuse the range API %s",
    (url) => expect(() => sourceOf({ HIBP_BASE_URL: url })).toThrow("HIBP_BASE_URL"),
  );

  test("warn of what does nothing", () => {
    const file = writeSample(["known"]);
    const off = loadConfig({ ...testSettings, BREACHED_PASSWORDS_FILE: file, HIBP_BASE_URL: "http://localhost:8080" });
    expect(off.warnings.join()).toMatch(
      /HIBP_BASE_URL does nothing.*BREACHED_PASSWORDS_FILE does nothing|BREACHED_PASSWORDS_FILE does nothing.*HIBP_BASE_URL does nothing/,
    );
  });
});
