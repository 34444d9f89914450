import { randomUUID } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { chain, exported, findingsIn, keep, now, run } from "../../support/audit-command.ts";
import { useCommandSettings } from "../../support/command-settings.ts";
import { temporaryFolder } from "../../support/folder.ts";

useCommandSettings();

const day = 24 * 60 * 60;

beforeEach(async () => {
  await keep(chain(3));
  await run("anchor");
});

describe("19.4 an export's first line proves nothing", () => {
  test("what it asks for is told, and others than those are findings", async () => {
    const file = path.join(temporaryFolder(), "some.jsonl");
    await run("export", "--type", "sign_in.succeeded", "--from", "2026-11-29", "--out", file);
    const { lines } = await run("verify", "--export", file);
    expect(lines).toContain(
      "The file says: exported at 2026-11-29T13:00:00.000Z, events of type sign_in.succeeded, from 2026-11-29T00:00:00.000Z, to the last. Nothing proves that: compare it with what you asked for",
    );
    expect(lines.at(-1)).toBe("Nothing was found: each event fits its own hash; 3 of them are proven by nothing yet.");
    for (const [from, to] of [
      ['"type":"sign_in.succeeded"', '"type":"password.changed"'],
      ['"account":null', `"account":"${randomUUID()}"`],
    ] as const) {
      const changed = path.join(temporaryFolder(), "changed.jsonl");
      writeFileSync(changed, readFileSync(file, "utf8").replace(from, to));
      const { lines: all } = await run("verify", "--export", changed);
      expect(findingsIn(all)[0]).toContain("it is none that was asked for");
    }
  });

  test("an export that is yet to be made is told", async () => {
    const { events } = await exported(3600);
    expect((await run("verify", "--export", events)).lines[0]).toContain("exported at 2026-11-29T14:00:00.000Z, which");
  });
});

describe("19.4 anchors that were kept", () => {
  /** Three anchors, two days apart. */
  beforeEach(async () => {
    for (const days of [2, 4]) {
      await keep(chain(2, addSeconds(now, days * day - 60)));
      await run("anchor", { later: days * day });
    }
  });
  const later = 4 * day;

  test("an export with the newest anchors missing is told", async () => {
    const { events, anchors } = await exported(later);
    const lines = readFileSync(anchors, "utf8").split("\n");
    writeFileSync(anchors, `${lines[0]}\n`);
    const { isGood, lines: told } = await run("verify", "--export", events, "--anchors", anchors, { later });
    expect(isGood).toBe(false);
    expect(told[0]).toContain("no anchor has events since 2026-12-01T12:59:00.000Z");
  });

  test("the newest alone vouches for the database", async () => {
    const { anchors } = await exported(later);
    const [, second, third] = readFileSync(anchors, "utf8").split("\n");
    writeFileSync(anchors, `${third}\n`);
    const { isGood, lines } = await run("verify", "--anchors", anchors, { later });
    expect(isGood, lines.join("\n")).toBe(true);
    expect(lines.at(-1)).toBe("Nothing was found: every event fits.");
    writeFileSync(anchors, `${second}\n`);
    expect((await run("verify", "--anchors", anchors, { later })).lines.at(-1)).toContain("every event fits");
    writeFileSync(anchors, "");
    await expect(run("verify", "--anchors", anchors, { later })).rejects.toThrow("has no anchors");
  });

  test("some alone vouch for what they have in an export", async () => {
    const { events, anchors } = await exported(later);
    writeFileSync(anchors, readFileSync(anchors, "utf8").split("\n").slice(1).join("\n"));
    const { isGood, lines } = await run("verify", "--export", events, "--anchors", anchors, { later });
    expect(isGood, lines.join("\n")).toBe(true);
    expect(lines.at(-1)).toContain("3 of them are proven by nothing yet");
  });

  test("a note of one is enough to compare it", async () => {
    const digest = /number 3 .*SHA-256 ([\w-]{43})/.exec((await run("verify", { later })).lines.join("\n"))?.[1] ?? "";
    expect((await run("verify", "--anchor", `3:${digest}`, { later })).isGood).toBe(true);
    expect((await run("verify", "--anchor", `2:${digest}`, { later })).lines[0]).toContain("is not the one that was");
    expect((await run("verify", "--anchor", `7:${digest}`, { later })).lines[0]).toContain("anchor 7 is missing");
    await expect(run("verify", "--anchor", "3:x")).rejects.toThrow("--anchor takes the number of an anchor");
  });
});
