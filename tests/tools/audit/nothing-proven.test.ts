import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { keys } from "../../../tools/keys.ts";
import { chain, change, exported, findingsIn, keep, now, run, start } from "../../support/audit-command.ts";
import { useCommandSettings, withServices } from "../../support/command-settings.ts";
import { temporaryFolder } from "../../support/folder.ts";

useCommandSettings();

/** Makes a log of one chain, and exports it. */
async function exportedLog() {
  await keep(chain(3));
  await run("anchor");
  return exported();
}

/** A copy of a file, with other text. */
function copied(file: string, touch: (text: string) => string): string {
  const copy = path.join(temporaryFolder(), "copy");
  writeFileSync(copy, touch(readFileSync(file, "utf8")));
  return copy;
}

describe("19.4 verify with nothing to go by", () => {
  test("a database without anchors proves nothing", async () => {
    await change((db) => db.selectFrom("users").selectAll().execute());
    await expect(run("verify")).rejects.toThrow(/^Nothing is proven: there are no events and no anchors$/);
    const ada = { id: newId(start), email: "ada@example.com", username: "Ada", locale: "en", passwordHash: "x" };
    await withServices(({ accounts }) => accounts.create(ada, start));
    await expect(run("verify")).rejects.toThrow("although there are accounts or clients");
    await keep(chain(2, addSeconds(now, -60)));
    await expect(run("verify")).rejects.toThrow("Nothing is proven: there are no anchors. npm run audit -- anchor");
  });

  test("anchors that are none are refused, whatever the database has", async () => {
    await exportedLog();
    await change((db) => db.updateTable("audit_anchors").set({ number: 7 }).execute());
    const folder = path.join(temporaryFolder(), "kept");
    mkdirSync(folder);
    await expect(run("verify", "--anchors", folder)).rejects.toThrow(`${folder} has no anchors: these are files such`);
    const empty = path.join(folder, "empty");
    writeFileSync(empty, "");
    await expect(run("verify", "--anchors", empty)).rejects.toThrow(`${empty} has no anchors`);
    await expect(run("verify", "--anchors", folder)).rejects.toThrow("has no anchors");
  });

  test("an export without events is not praised", async () => {
    await exportedLog();
    const file = path.join(temporaryFolder(), "none.jsonl");
    await run("export", "--type", "key.revoked", "--out", file);
    expect((await run("verify", "--export", file)).lines.at(-1)).toBe("There were no events to verify.");
  });
});

describe("19.4 verify knows files that something else has touched", () => {
  test("what npm prints is no part of an export", async () => {
    const { events } = await exportedLog();
    const piped = copied(events, (text) => `\n> latchkey@0.1.0 audit\n> node tools/audit.ts export\n\n${text}`);
    await expect(run("verify", "--export", piped)).rejects.toThrow("it begins with what npm prints before a command");
  });

  test("other ends of lines are told, of events and of anchors", async () => {
    const { events, anchors } = await exportedLog();
    for (const touch of [(text: string) => text.replaceAll("\n", "\r\n"), (text: string) => `\uFEFF${text}`]) {
      const given = ["verify", "--export", events, "--anchors", copied(anchors, touch)] as const;
      await expect(run(...given)).rejects.toThrow("something changed the ends of its lines");
      await expect(run("verify", "--export", copied(events, touch))).rejects.toThrow("the ends of its lines");
    }
    const folder = path.join(temporaryFolder(), "kept");
    mkdirSync(folder);
    writeFileSync(path.join(folder, "0000000001.jws"), readFileSync(anchors));
    const { lines } = await run("verify", "--export", events, "--anchors", folder);
    expect(findingsIn(lines)[0]).toContain("the anchor in 0000000001.jws: something changed the ends of its lines");
  });

  test("files that were swapped are told", async () => {
    const { events, anchors } = await exportedLog();
    await expect(run("verify", "--export", anchors)).rejects.toThrow("these are anchors");
    await expect(run("verify", "--anchors", events)).rejects.toThrow("this is an export of events");
    const jwks = copied(events, () => '{"keys":[]}\n');
    await expect(run("verify", "--anchors", jwks)).rejects.toThrow("keys are named with --keys");
  });
});

test("19.4 an anchor by a key that was revoked is told as that, with what to do", async () => {
  await exportedLog();
  const kid = /kid ([\w-]{43})/.exec((await run("verify")).lines.join("\n"))?.[1] ?? "";
  await keys(["revoke", kid, "--yes"], addSeconds(now, 1));
  const { lines } = await run("verify", { later: 60 });
  expect(findingsIn(lines)).toEqual([expect.stringContaining(`thumbprint ${kid}, which was revoked: if it leaked`)]);
  expect(lines.join("\n")).toContain("(revoked)");
  await run("anchor", { later: 61 });
  const after = await run("verify", { later: 62 });
  expect(after.isGood, after.lines.join("\n")).toBe(true);
});

test.each([Number.NaN, 0, -1, 1.5])("19.4 the number %d of an event is told as none", async (seq) => {
  await exportedLog();
  const value = Number.isNaN(seq) ? Buffer.from("x") : seq;
  await change((db) => db.updateTable("audit_events").set({ seq: value }).where("seq", "=", 1).execute());
  const found = findingsIn((await run("verify")).lines).join("\n");
  expect(found).toContain("its number in the chain is none that the service gives");
  expect(found).not.toContain("NaN");
});
