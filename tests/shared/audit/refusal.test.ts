import { expect, test } from "vitest";
import { Refusal, refusalEvent, refusing } from "../../../shared/audit/refusal.ts";

test("a refusal keeps whom it concerns apart from what a caller may learn", () => {
  const refusal = new Refusal("INVALID_CREDENTIALS", { about: { accountId: "a" }, details: { shown: true } });
  expect([refusal.about, refusal.options]).toEqual([{ accountId: "a" }, { details: { shown: true } }]);
  expect(new Refusal("INVALID_CREDENTIALS").about).toEqual({});
});

test("a flow refuses only with a code that it exports", () => {
  const refuse = refusing(["ACCESS_DENIED"]);
  expect(refuse("ACCESS_DENIED")).toMatchObject({ code: "ACCESS_DENIED", status: 403 });
  // @ts-expect-error -- that is held by the compiler
  refuse("INVALID_STATE");
});

test.each([
  ["one for all errors", "sign_in.failed", "sign_in.failed"],
  ["one for this error", { OVERLOADED: "identity.refused" }, "identity.refused"],
  ["none for this error", { INVALID_STATE: "identity.refused" }, undefined],
  ["one for all others", { INVALID_STATE: "sign_in.failed", otherwise: "identity.refused" }, "identity.refused"],
  ["nothing for this error", { OVERLOADED: { nothing: "waiting" }, otherwise: "identity.refused" }, undefined],
  ["nothing, for a reason", { nothing: "waiting" }, undefined],
  ["none at all", undefined, undefined],
] as const)("which event a refused call is: %s", (_what, events, type) => {
  expect(refusalEvent(events, "OVERLOADED")).toBe(type);
});
