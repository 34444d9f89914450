import { expect, test } from "vitest";
import { faults, places, refused } from "./linear-regex-probes.ts";

const faultsOf = (place: string) => faults.filter((fault) => fault.startsWith(place));

test("15.1 the check refuses the expression that once read cookies, wherever a caller's text is read", () => {
  const found = faults.filter((fault) => fault.includes("/once.ts: "));
  expect(found).toEqual(places.toSorted().map((place) => expect.stringMatching(`^${place}/once.ts: .*3rd degree`)));
});

test.each(refused.map(([what, , reason], index) => ({ what, reason, index })))(
  "15.1 the check refuses $what",
  ({ reason, index }) => {
    expect(faultsOf(`shared/refused/${index}.ts`)).toEqual([expect.stringContaining(reason)]);
  },
);

test("15.1 the check takes a linear expression, and one that is listed with its reason", () => {
  expect(faultsOf("shared/taken.ts")).toEqual([]);
});
