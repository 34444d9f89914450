import { expect, test } from "vitest";
import { createTrail } from "../../../shared/audit/trail.ts";

/** Runs a transaction as often as `runs` has answers to whether one before may have committed. @returns what is recorded */
async function recorded(...runs: boolean[]): Promise<unknown[]> {
  const trail = createTrail();
  for (const [index, mayHaveCommitted] of runs.entries())
    await trail.startRun({ mayHaveCommitted }).append({ type: "session.ended", reason: `run ${index + 1}` });
  return trail.events().map(({ reason }) => reason);
}

test.each([
  ["that ran once", [false], ["run 1"]],
  ["that was undone once, and ran again", [false, false], ["run 2"]],
  ["whose first commit may have been taken", [false, true], ["run 1"]],
  ["whose first commit may have been taken, and whose second run was undone", [false, true, true], ["run 1"]],
  ["that was undone, and whose second commit may have been taken", [false, false, true], ["run 2"]],
] as const)("the events of a transaction %s", async (_what, runs, events) => {
  expect(await recorded(...runs)).toEqual(events);
});

test("a transaction that never ran has no events", () => {
  expect(createTrail().events()).toEqual([]);
});
