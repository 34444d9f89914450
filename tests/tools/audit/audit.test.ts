import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PassThrough } from "node:stream";
import { beforeEach, describe, expect, test } from "vitest";
import type { AuditRecord } from "../../../shared/audit/chain/record.ts";
import { loadProcessConfig } from "../../../shared/config.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { createServices, type Services } from "../../../shared/services.ts";
import { audit } from "../../../tools/audit.ts";
import { chainOf, keepRecords, rowOf } from "../../support/audit-records.ts";
import { useCommandSettings } from "../../support/command-settings.ts";
import { temporaryFolder } from "../../support/folder.ts";

const start = new Date("2026-11-29T12:00:00.000Z");
const now = addSeconds(start, 3600);

useCommandSettings();

let records: AuditRecord[];

beforeEach(async () => {
  records = [chain(5), chain(3)].flat();
  await withServices(({ database }) => keepRecords(database.queries, records));
  expect(await run("anchor")).toMatchObject({ isGood: true, lines: ["anchored 2 chains in 1 anchors"] });
});

const chain = (length: number, from = start) => chainOf(length, { chain: newId(from), from });

describe("19.4 npm run audit", () => {
  test("what is exported verifies without the service, its settings and its database", async () => {
    const files = await exported();
    process.env = {};
    const { isGood, lines } = await run("verify", "--export", files.events, "--anchors", files.anchors);
    expect(isGood, lines.join("\n")).toBe(true);
    expect(lines).toContain("8 events in 2 chains, 2026-11-29T12:00:00.000Z to 2026-11-29T12:00:04.000Z");
    expect(lines.at(-1)).toBe("Nothing was found: every event fits.");
    expect(lines.join("\n")).toContain(
      "The signatures prove something only if a thumbprint above is that of the service's key",
    );
  });

  test("an export is its owner's alone, and overwrites nothing", async () => {
    const { events } = await exported();
    expect(statSync(events).mode & 0o777).toBe(0o600);
    const before = readFileSync(events, "utf8");
    await expect(run("export", "--out", events)).rejects.toThrow(`${events} is there already`);
    expect(readFileSync(events, "utf8")).toBe(before);
    const other = path.join(temporaryFolder(), "other.jsonl");
    await expect(run("export", "--out", other, "--anchors", events)).rejects.toThrow("is there already");
    expect(existsSync(other)).toBe(false);
  });

  test("an export to standard output is the same, by account and type less", async () => {
    const { events } = await exported();
    expect(`${(await run("export")).lines.join("\n")}\n`).toBe(readFileSync(events, "utf8"));
    const [person, other] = [randomUUID(), randomUUID()];
    await keep(
      chainOf([{ subject: person }, { subject: other, type: "password.changed" }], {
        chain: newId(start),
        from: start,
      }),
    );
    const own = (await run("export", "--account", person)).lines;
    expect(own).toHaveLength(3);
    expect(own[1]).toContain(`"subject":"${person}"`);
    expect((await run("export", "--type", "password.changed")).lines[1]).toContain(`"subject":"${other}"`);
    expect((await run("export", "--from", "2026-11-29T12:00:04Z")).lines).toHaveLength(3);
    expect((await run("export", "--to", "2026-11-29T12:00:01Z")).lines).toHaveLength(5);
  });

  test("an export by type verifies, and says what it cannot tell", async () => {
    const file = path.join(temporaryFolder(), "some.jsonl");
    await keep(
      chainOf([{ type: "password.changed" }, {}, { type: "password.changed" }], { chain: newId(start), from: start }),
    );
    await run("export", "--type", "password.changed", "--out", file);
    const { isGood, lines } = await run("verify", "--export", file);
    expect(isGood).toBe(true);
    expect(lines.join("\n")).toContain("Whether others are missing");
    writeFileSync(file, readFileSync(file, "utf8").replace('"outcome":"success"', '"outcome":"failure"'));
    expect((await run("verify", "--export", file)).isGood).toBe(false);
  });

  test("the database verifies, and events after the newest anchor are told", async () => {
    await keep(chain(2, addSeconds(now, -60)));
    const { isGood, lines } = await run("verify");
    expect(isGood, lines.join("\n")).toBe(true);
    expect(lines).toContain("2 events came after the newest anchor, or beside it: not protected yet");
    expect(lines.join("\n")).toMatch(/Signed up to 1 with key [\w-]+, thumbprint [\w-]{43} \(known\)/);
  });

  test.each([
    ["a text in capitals", (row: Row) => ({ id: row.id.toUpperCase() }), "CHANGED"],
    ["an instant in another spelling", () => ({ created_at: "2026-11-29 12:00:02.000Z" }), "CHANGED"],
    ["a space in a personal part", (row: Row) => ({ personal: ` ${row.personal}` }), "CHANGED"],
    ["a text for bytes", () => ({ hash: "0" }), "CHANGED"],
    ["a salt without its text", () => ({ personal: null }), "CHANGED"],
    ["a person erased who has an account", () => ({ personal: null, personal_salt: null }), "REMOVED"],
  ])("%s in the database is found", async (_name, change, kind) => {
    const { chain: chainId, seq } = records[2] as AuditRecord;
    await withServices(({ database }) =>
      database.queries
        .withTables<{ audit_events: Record<string, unknown> }>()
        .updateTable("audit_events")
        .set(change(rowOf(records[2] as AuditRecord)))
        .where("chain_id", "=", chainId)
        .where("seq", "=", seq)
        .execute(),
    );
    const { isGood, lines } = await run("verify");
    expect(isGood).toBe(false);
    expect(lines[0]).toMatch(new RegExp(`^${kind}  chain ${chainId}, seq ${seq}, `));
  });

  test("anchors that were kept elsewhere show what was done to those in the database", async () => {
    const { anchors } = await exported();
    await withServices(({ database }) =>
      database.queries.withTables<{ audit_anchors: object }>().deleteFrom("audit_anchors").execute(),
    );
    const { isGood, lines } = await run("verify", "--anchors", anchors);
    expect(isGood).toBe(false);
    expect(lines[0]).toBe("ANCHOR  anchor 1, which was kept elsewhere, is missing in the database");
  });

  test("without the newest anchors, old events are told", async () => {
    await keep(chain(1, addSeconds(now, 60)));
    const { isGood, lines } = await run("verify", { later: 26 * 3600 });
    expect(isGood).toBe(false);
    expect(lines[0]).toContain("no anchor has events since 2026-11-29T13:01:00.000Z");
  });

  test("show prints the newest last, and what somebody wrote moves no cursor", async () => {
    const personal = JSON.stringify({ user_agent: "\u001b[2J\u202eevil" });
    await keep(
      chainOf([{ personal, type: "sign_in.failed", outcome: "failure", reason: "no\nsuch" }], {
        chain: newId(now),
        from: now,
      }),
    );
    const { lines } = await run("show", "--limit", "2");
    expect(lines).toHaveLength(2);
    expect(lines[1]).toBe(
      "2026-11-29T13:00:00.000Z  sign_in.failed                      by person  (no\\u{a}such)  user_agent=\\u{1b}[2J\\u{202e}evil",
    );
  });

  test.each([
    [["verify", "--out", "x"], "Unknown option '--out'"],
    [["show", "--limit", "0"], "--limit takes a whole number from 1 to 10000"],
    [["show", "--from", "2026-02-30"], "--from takes a time such as 2026-11-30"],
    [["show", "--from", "2026-11-30", "--to", "2026-11-30"], "--from is not before --to"],
    [["show", "--account", "x"], "--account takes an account's address or id"],
    [["show", "--account", "nobody@example.com"], "there is no account with this address"],
    [["export", "x"], "usage: npm run audit"],
    [["remove"], "usage: npm run audit"],
    [["verify", "--export", "/nowhere"], "/nowhere cannot be read (ENOENT)"],
  ])("%j is refused", async (words, message) => {
    await expect(run(...words)).rejects.toThrow(message);
  });
});

type Row = ReturnType<typeof rowOf>;

async function run(...given: readonly (string | { readonly later: number })[]) {
  const words = given.filter((word) => typeof word === "string");
  const later = given.find((word) => typeof word === "object")?.later ?? 0;
  const output = new PassThrough();
  const isGood = await audit(words, {
    output,
    progress: { write: () => true },
    hasColours: true,
    loadSettings: () => {},
    now: addSeconds(now, later),
  });
  const text = String(output.read() ?? "");
  return { isGood, lines: text.split("\n").slice(0, -1) };
}

async function exported() {
  const folder = temporaryFolder();
  const files = { events: path.join(folder, "events.jsonl"), anchors: path.join(folder, "anchors.jsonl") };
  await run("export", "--out", files.events, "--anchors", files.anchors);
  return files;
}

const keep = (more: readonly AuditRecord[]) => withServices(({ database }) => keepRecords(database.queries, more));

async function withServices<T>(work: (services: Services) => Promise<T>): Promise<T> {
  const services = createServices(loadProcessConfig());
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}
