import { appendFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { firstLine, lastLine } from "../../../tools/audit/export-frame.ts";
import { lineOf } from "../../../tools/audit/exported-record.ts";
import { AnchoredHeads } from "../../../tools/audit/verify/anchored-heads.ts";
import { createFindings, findingLine } from "../../../tools/audit/verify/findings.ts";
import { checkExport } from "../../../tools/audit/verify/verify-export.ts";
import { exportedRecord } from "../../../tools/bench/audit-log.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { chainOf } from "../../support/audit-records.ts";
import { temporaryFolder } from "../../support/folder.ts";

const from = new Date("2026-11-29T12:00:00.000Z");
const [record] = chainOf([{ details: '{"count":1}' }], { chain: newId(from), from });
const line = record ? lineOf(exportedRecord(record)) : "";
const first = firstLine({ from: null, to: null, type: null, account: null, at: "2026-11-29T13:00:00.000Z" });
const now = new Date("2026-11-29T13:00:00.000Z");
const file = path.join(temporaryFolder(), "export.jsonl");

function findingsOf(...lines: readonly (string | Buffer)[]): string[] {
  writeFileSync(file, "");
  for (const one of [first, ...lines, lastLine(lines.length)])
    appendFileSync(file, Buffer.concat([Buffer.from(one), newline]));
  const found: string[] = [];
  checkExport(file, {
    anchors: undefined,
    now,
    findings: createFindings((finding) => found.push(findingLine(finding))),
  });
  return found;
}

const newline = Buffer.from("\n");
/** Other last letters of the same 16 bytes. */
const other: Readonly<Record<string, string>> = { A: "B", Q: "R", g: "h", w: "x" };

describe("19.4 an export may be anything", () => {
  test("an event that nobody has touched fits", () => {
    expect(findingsOf(line)).toEqual([]);
  });

  test.each([
    ["a member more", line.replace("}}", '},"x":1}').replace(/\}$/, ',"more":1}')],
    ["a member twice", line.replace('{"chain"', '{"seq":1,"chain"')],
    ["another order", line.replace(/^\{("chain":"[^"]+"),("seq":1)/, "{$2,$1")],
    ["a space", line.replace(":1,", ": 1,")],
    ["another spelling of a number", line.replace('"seq":1', '"seq":1.0')],
    ["another spelling of a letter", line.replace("person", String.raw`\u0070erson`)],
    ["no number", line.replace('"seq":1', '"seq":NaN')],
    ["a number that is none", line.replace('"seq":1', '"seq":1e400')],
    ["a text for a number", line.replace('"seq":1', '"seq":"1"')],
    ["a list", `[${line}]`],
    ["nothing", ""],
    ["null", "null"],
    ["NUL", "\0".repeat(1000)],
    ["a mark in the middle", `\uFEFF${line}`],
    ["no UTF-8", Buffer.from(line.replace("a browser", "\u00ff"), "latin1")],
    ["a huge line", "x".repeat(5_000_000)],
    ["a line of braces", "{".repeat(60_000)],
    ["many names in a line", `{"chain":"x","details":{${'},"personal":{'.repeat(4000)}`],
  ])("%s is one finding", (_name, changed) => {
    const [found, ...more] = findingsOf(changed);
    expect(found).toMatch(/^UNREADABLE {2}line 2: the line (?:is|has) /);
    expect(more).toEqual([]);
  });

  test.each([
    ["something nested", line.replace('{"count":1}', '{"count":[1]}')],
    ["something deep", line.replace('{"count":1}', `{"count":${"[".repeat(20_000)}${"]".repeat(20_000)}}`)],
  ])("%s in details fits no hash", (_name, changed) => {
    expect(findingsOf(changed).map((found) => found.split(" ")[0])).toEqual(["CHANGED"]);
  });

  test.each([
    ["in another spelling", (salt: string) => `${salt.slice(0, -1)}${other[salt.at(-1) ?? ""] ?? ""}`],
    ["in base64", (salt: string) => `${salt}==`],
    ["with a byte less", (salt: string) => salt.slice(0, -2)],
    ["with bytes more", (salt: string) => `${salt}${salt}`],
  ])("a salt %s is none", (_name, change) => {
    const salt = /"salt":"([^"]+)"/.exec(line)?.[1] ?? "";
    const [found, ...more] = findingsOf(line.replace(salt, change(salt)));
    expect(found).toContain("its salt is not one that the service draws");
    expect(more).toEqual([]);
  });

  test("a line that is no UTF-8 is told by its number, and those around it are read", () => {
    const bad = Buffer.from(line.replace("a browser", "\u00ff"), "latin1");
    const found = findingsOf(line, bad, line).map((text) => text.replace(/,.*/, ""));
    expect(found).toEqual(["UNREADABLE  line 3: the line is not UTF-8", "REORDERED  line 4", "REORDERED  line 4"]);
  });

  test("a million findings are counted, a thousand of them told, and they hide none of another kind", () => {
    const told: string[] = [];
    const findings = createFindings(({ text }) => told.push(text));
    for (let count = 0; count < 1_000_000; count += 1) findings.add("removed", {}, "x");
    findings.add("changed", {}, "y");
    expect(told).toHaveLength(1001);
    expect(told.at(-1)).toBe("y");
    expect(findings.count()).toBe(1_000_001);
    expect(findings.cut()).toEqual([{ kind: "removed", count: 1_000_000 }]);
  });

  test("an anchor that says again what one before says is none, unless it says something else", () => {
    const heads = new AnchoredHeads();
    const timing = { isJudging: true, isToCome: false };
    const head = { chain: "a", count: 2, hash: Buffer.alloc(32) };
    heads.begin(1, "2026-11-29T12:00:00.000Z", timing);
    expect(heads.add(head)).toBe(true);
    heads.begin(2, "2026-11-29T12:05:00.000Z", timing);
    expect(heads.add(head)).toBe(true);
    expect(heads.add({ ...head, hash: Buffer.alloc(32, 1) })).toBe(false);
    expect(heads.add({ ...head, count: 1 })).toBe(false);
    expect([...heads.chains()]).toEqual([["a", { first: 0, last: 0 }]]);
  });

  test.each([
    ["no export", "{}\n", "its first line is not the first line of an export"],
    ["a version to come", '{"latchkey_audit":2}\n', "is of another version"],
    ["nothing", "", "its first line is missing"],
    ["other ends of lines", `${first}\r\n${line}\r\n`, "something changed the ends of its lines"],
    ["a mark before it", `\uFEFF${first}\n`, "something changed the ends of its lines"],
    ["a time that is none", `${first.replace('"from":null', '"from":"x"')}\n`, "is not written as an export writes it"],
  ])("%s is refused", (_name, content, message) => {
    writeFileSync(file, content);
    expect(() => checkExport(file, { anchors: undefined, now, findings: createFindings(() => {}) })).toThrow(message);
  });

  test.each([
    ["the last line is gone", `${first}\n${line}\n`, "REMOVED  the export's last line is missing: it was cut off"],
    [
      "an event is cut",
      `${first}\n${line.slice(0, 50)}`,
      "UNREADABLE  line 2: the line has no end: the file was cut off",
    ],
    [
      "an event is gone",
      `${first}\n${lastLine(1)}\n`,
      "REMOVED  the export was written with 1 event, and has 0 events",
    ],
  ])("a file that was cut off is found: %s", (_name, content, expected) => {
    writeFileSync(file, content);
    const found: string[] = [];
    checkExport(file, {
      anchors: undefined,
      now,
      findings: createFindings((finding) => found.push(findingLine(finding))),
    });
    expect(found).toContain(expected);
  });
});
