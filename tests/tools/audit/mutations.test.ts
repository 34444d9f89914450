import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { checkAnchors, type CheckedAnchors } from "../../../tools/audit/verify/anchor-check.ts";
import { createFindings, type Finding } from "../../../tools/audit/verify/findings.ts";
import { byKeyId, createFindKeys } from "../../../tools/audit/verify/keys.ts";
import { checkExport } from "../../../tools/audit/verify/verify-export.ts";
import { makeLog, seeded } from "../../../tools/bench/audit-log.ts";
import { linesOf, mutatedExport, mutations } from "../../../tools/bench/audit-mutations.ts";
import { temporaryFolder } from "../../support/folder.ts";

const seed = Number(process.env["AUDIT_SEED"] ?? 19);
const log = makeLog({ seed, firstDay: "2026-01-01", days: 4, eventsADay: 150, chainsADay: 4, anchorsADay: 12 });
const made = [...log.days];
const days = made.map(linesOf);
// Events after the newest anchor, and the quarter of an hour before it, are not protected yet.
const protectedDays = days.slice(0, -1);
const now = new Date("2026-01-06T00:00:00.000Z");
const file = path.join(temporaryFolder(), "export.jsonl");

describe("19.4 whatever is done to a day of an export is found", () => {
  test("what nobody has touched fits", async () => {
    const anchors = await check();
    for (const day of days) expect(findingsOf(day.day, day.lines, anchors)).toEqual([]);
  });

  test.each(Object.keys(mutations))("%s", async (name) => {
    const anchors = await check();
    const random = seeded(seed + name.length);
    const times = name === "a byte changed" ? 400 : 40;
    for (let time = 0; time < times; time += 1) {
      const day = protectedDays[Math.floor(random() * protectedDays.length)] ?? { day: "", lines: [] };
      writeFileSync(file, mutatedExport(day, name, random));
      expect(found(anchors), `${name}, the ${time}th of seed ${seed}`).not.toEqual([]);
    }
  });
});

async function check(): Promise<CheckedAnchors> {
  const findings = createFindings((finding) => expect.fail(finding.text));
  const findKeys = createFindKeys({ byId: byKeyId(log.jwks.keys) });
  const anchors = made.flatMap((day) => day.anchors).map((jws) => ({ jws, place: "an anchor" }));
  return checkAnchors(anchors, { findings, findKeys, now });
}

function found(anchors: CheckedAnchors): Finding[] {
  const all: Finding[] = [];
  checkExport(file, { anchors, now, findings: createFindings((finding) => all.push(finding)) });
  return all;
}

function findingsOf(day: string, lines: readonly string[], anchors: CheckedAnchors): Finding[] {
  writeFileSync(
    file,
    mutatedExport({ day, lines: [...lines] }, "none", () => 0),
  );
  return found(anchors);
}
