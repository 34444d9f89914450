import { randomUUID } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { sql } from "kysely";
import { beforeEach, describe, expect, test } from "vitest";
import { rowOf } from "../../../shared/audit/chain/event-store.ts";
import type { AuditRecord } from "../../../shared/audit/chain/record.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { chain, exported, keep, now, run, start } from "../../support/audit-command.ts";
import { exportAudit } from "../../../tools/audit/export.ts";
import { readWords } from "../../../tools/audit/words.ts";
import { createProgress } from "../../../tools/audit/progress.ts";
import { chainOf, keepRecords } from "../../support/audit-records.ts";
import { useCommandSettings, withServices } from "../../support/command-settings.ts";
import { temporaryFolder } from "../../support/folder.ts";

useCommandSettings();

let records: AuditRecord[];

beforeEach(async () => {
  records = [chain(5), chain(3)].flat();
  await keep(records);
  await run("anchor");
});

describe("19.4 npm run audit", () => {
  test("anchor says what it has done", async () => {
    expect((await run("anchor")).lines).toEqual(["nothing to anchor"]);
    await keep(chain(1, addSeconds(now, -60)));
    expect((await run("anchor", { later: 60 })).lines).toEqual(["anchored 1 chain in 1 anchor"]);
  });

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
    expect(lines.at(-1)).toBe("Nothing was found: the events fit each other; 2 of them are proven by nothing yet.");
    expect(lines.join("\n")).toMatch(/Signed up to 1 with the key of thumbprint ([\w-]{43}), kid \1 \(known\)/);
  });

  test.each([
    ["a text in capitals", (row: Row) => ({ id: row.id.toUpperCase() }), "CHANGED"],
    ["an instant in another spelling", () => ({ created_at: "2026-11-29 12:00:02.000Z" }), "CHANGED"],
    ["a space in a personal part", (row: Row) => ({ personal: ` ${row.personal}` }), "CHANGED"],
    ["a text for bytes", () => ({ hash: "0" }), "CHANGED"],
    ["the same bytes as a text", (row: Row) => ({ hash: sql`cast(${row.hash} as text)` }), "CHANGED"],
    ["bytes written out as a literal", (row: Row) => ({ hash: `X'${row.hash.toString("hex")}'` }), "CHANGED"],
    ["null written out, for no salt", () => ({ personal: null, personal_salt: "NULL" }), "CHANGED"],
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

  test("show quotes what looks like members or a reason", async () => {
    const personal = JSON.stringify({ session: "s", user_agent: "x  address=192.0.2.1 (good)" });
    await keep(chainOf([{ personal, reason: "no (really)  x=1" }], { chain: newId(now), from: now }));
    const [line] = (await run("show", "--limit", "1")).lines;
    expect(line).toContain('session=s  user_agent="x  address=192.0.2.1 (good)"');
    expect(line).toContain("(no [really]  x=1)");
  });

  test("show --json prints the lines that an export has of the events", async () => {
    const { events } = await exported();
    const lines = readFileSync(events, "utf8").split("\n").slice(1, -2);
    expect((await run("show", "--json")).lines).toEqual(lines);
  });

  test("show --client finds what a client did, and what was done to it", async () => {
    const client = randomUUID();
    const made = {
      actor: "administrator",
      details: JSON.stringify({ client_id: client }),
      type: "client.created",
    } as const;
    const used = { actor: "client", actorId: client, type: "client.token_issued" } as const;
    await keep(chainOf([made, used], { chain: newId(now), from: now }));
    const { lines } = await run("show", "--client", client.toUpperCase());
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain(`client.created                      by administrator  client_id=${client}`);
    expect((await run("show", "--client", randomUUID())).told).toBe("no such events\n");
  });

  test("an id that no account and no event has is told", async () => {
    const id = randomUUID();
    const told = `no account has the id ${id}, and as an audit id none of them has it`;
    expect((await run("show", "--account", id)).told).toContain(told);
    expect((await run("export", "--account", id)).told).toContain(told);
  });

  test.each([["--help"], ["help"], ["verify", "--help"], ["show", "-h"]])("%s %s is answered", async (...words) => {
    const { isGood, lines } = await run(...words);
    expect(isGood).toBe(true);
    expect(lines[0]).toContain("usage: npm run audit");
  });

  test("no command makes a database", async () => {
    const file = path.join(temporaryFolder(), "none.db");
    process.env["EMBEDDED_DB_FILE"] = file;
    for (const command of ["verify", "export", "show", "anchor"])
      await expect(run(command)).rejects.toThrow(`There is no database ${file}`);
    expect(existsSync(file)).toBe(false);
  });

  test("the names of files count from where npm was called", () => {
    const given = readWords(["verify", "--export", "a", "--anchors", "/b"], (file) => path.resolve("/home", file));
    expect(given).toMatchObject({ export: path.resolve("/home/a"), anchors: path.resolve("/b") });
  });

  test("an event that is kept late is exported, though it is older than what was read", async () => {
    const lines: string[] = [];
    await withServices(async (services) => {
      const events = {
        write: async (line: string) => {
          if (lines.push(line) === 2) await keepRecords(services.database.queries, chain(1, addSeconds(now, -300)));
        },
        finish: async () => {},
        abandon: () => {},
      };
      const progress = createProgress({ write: () => true });
      expect(await exportAudit(services, { choice: {}, events, progress, now })).toEqual({ events: 9, anchors: 0 });
    });
  });

  test.each([
    [["verify", "--out", "x"], "Unknown option '--out'"],
    [["show", "--limit", "0"], "--limit takes a whole number from 1 to 10000"],
    [["show", "--from", "2026-02-30"], "--from takes a time such as 2026-11-30"],
    [["show", "--from", "2026-11-30", "--to", "2026-11-30"], "--from is not before --to"],
    [["show", "--account", "x"], "--account takes an account's address or id"],
    [["show", "--account", "nobody@example.com"], "there is no account with this address"],
    [["export", "x"], "usage: npm run audit"],
    [[], "usage: npm run audit"],
    [["verfy"], '"verfy" is no command\n\nusage: npm run audit'],
    [["show", "--type", "sign_in.faild"], "The closest: sign_in.succeeded, sign_in.failed, sign_in.closed"],
    [["export", "--type", "x"], "All types: account.registered, "],
    [["show", "--type", "session.refreshed"], "they are lines of the log alone"],
    [["show", "--client", "x"], "--client takes a client's id"],
    [["show", "--client", randomUUID(), "--account", randomUUID()], "--account and --client exclude each other"],
    [["verify", "--export", "/nowhere"], "/nowhere cannot be read (ENOENT)"],
  ])("%j is refused", async (words, message) => {
    await expect(run(...words)).rejects.toThrow(message);
  });
});

type Row = ReturnType<typeof rowOf>;
