import { expect, test } from "vitest";
import { createTrail } from "../../../shared/audit/trail.ts";

type Run = "first" | "after an undone run" | "after a lost commit";

/** Runs a transaction this often; a run in which `finds` is true finds the trace of an earlier one. @returns what is recorded */
async function recorded(runs: readonly (readonly [Run, finds: boolean])[]): Promise<unknown[]> {
  const trail = createTrail();
  for (const [index, [run, finds]] of runs.entries()) {
    const { earlier, append } = trail.startRun({ isAfterLostCommit: run === "after a lost commit" }, async () => {});
    await append(...(finds ? earlier : [{ type: "session.ended", reason: `run ${index + 1}` } as const]));
  }
  return trail.events().map(({ reason }) => reason);
}

test.each<readonly [string, readonly (readonly [Run, boolean])[], readonly string[]]>([
  ["that ran once", [["first", false]], ["run 1"]],
  [
    "that was undone once, and ran again",
    [
      ["first", false],
      ["after an undone run", false],
    ],
    ["run 2"],
  ],
  [
    "whose commit was lost, and not taken",
    [
      ["first", false],
      ["after a lost commit", false],
    ],
    ["run 2"],
  ],
  [
    "whose commit was lost, and taken",
    [
      ["first", false],
      ["after a lost commit", true],
    ],
    ["run 1"],
  ],
  [
    "whose commit was taken, and whose second run was undone",
    [
      ["first", false],
      ["after a lost commit", true],
      ["after an undone run", true],
    ],
    ["run 1"],
  ],
  [
    "whose first commit was not taken, and whose second was, all unanswered",
    [
      ["first", false],
      ["after a lost commit", false],
      ["after a lost commit", true],
    ],
    ["run 2"],
  ],
  [
    "whose first commit was taken, and whose second was not, all unanswered",
    [
      ["first", false],
      ["after a lost commit", true],
      ["after a lost commit", true],
    ],
    ["run 1"],
  ],
  [
    "that was undone, and finds what an undone run never left",
    [
      ["first", false],
      ["after an undone run", true],
    ],
    [],
  ],
])("the events of a transaction %s", async (_what, runs, events) => {
  expect(await recorded(runs)).toEqual(events);
});

test("a transaction that never ran has no events", () => {
  expect(createTrail().events()).toEqual([]);
});
