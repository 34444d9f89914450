import { describe, expect, test } from "vitest";
import { withinInvocation } from "../../../shared/platform/log.ts";
import { hasDotnet } from "../../../tools/dotnet.ts";
import { compileFragments } from "../../support/apim/fragments.ts";
import { simulateNinetyDays } from "../../support/apim/ninety-days.ts";

const isThere = hasDotnet();
if (!isThere) console.log("90 days behind API Management were not run: they need the .NET SDK 10 (dotnet).");
const minute = 60;

const { counts, longest, revokedKeys } = await withinInvocation(
  { requestId: "", functionName: "", write: () => undefined },
  () => simulateNinetyDays(isThere ? compileFragments() : undefined),
);

test("90 days of nightly rotations, seen through a gateway that caches for an hour, refuse no token", () => {
  expect(counts).toMatchObject({ unknownKeys: 0, misread: 0 });
  expect(counts.looks).toBeGreaterThan(10_000);
  expect(counts.keys.size).toBeGreaterThan(10);
});

describe.skipIf(!isThere)("90 days behind API Management", () => {
  test("of rotations, restarts and revocations: no false refusal, and nothing ended is accepted after its bound", () => {
    expect(counts).toMatchObject({ falseRefusals: 0, lateAcceptances: 0 });
    expect(counts.calls).toBeGreaterThan(6000);
    expect([counts.keys.size >= 12, revokedKeys.size >= 4, counts.ended > 250]).toEqual([true, true, true]);
    expect(counts.inEmergency, "an emergency costs a call now and then, for 5 minutes").toBeLessThan(20);
    expect(longest.session).toBeGreaterThan(0);
    expect(longest.session).toBeLessThan(minute);
    expect(longest.key).toBeLessThan(60 * minute);
  });
});
