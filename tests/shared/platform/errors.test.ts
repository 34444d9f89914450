import { expect, test } from "vitest";
import { errorSubjects, errorTable, mergeEntries } from "../../../shared/platform/errors/table.ts";

const entry = { status: 400, message: "It is wrong", remedy: "Put it right." };

test("the error table has every code of every subject", () => {
  for (const { entries } of errorSubjects) expect(errorTable).toMatchObject(entries);
});

test("two subjects cannot declare the same code", () => {
  expect(() =>
    mergeEntries<Record<string, typeof entry>>([{ FIRST: entry, SAME: entry }, { SAME: { ...entry } }]),
  ).toThrow("two subjects declare the error code SAME");
});
