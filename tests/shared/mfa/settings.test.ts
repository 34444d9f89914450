import { expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { testSettings } from "../../support/settings.ts";

test.each([
  [{}, 15],
  [{ MFA_REQUIRED: "off" }, 15],
  [{ MFA_REQUIRED: "all" }, 8],
  [{ MFA_REQUIRED: "all", PASSWORD_MIN_LENGTH: "" }, 8],
  [{ MFA_REQUIRED: "all", PASSWORD_MIN_LENGTH: "15" }, 15],
  [{ PASSWORD_MIN_LENGTH: "8" }, 8],
])("20.8 with %o, passwords have %i characters at least", (given, least) => {
  expect(loadConfig({ ...testSettings, ...given }).passwords.minLength).toBe(least);
});

test.each([
  ["30", 30],
  ["0", 0],
  ["90", 90],
])("20.7 remembers devices for %s days", (days, count) => {
  expect(loadConfig({ ...testSettings, MFA_REMEMBER_DAYS: days }).mfa.rememberSeconds).toBe(count * 86_400);
});

test.each(["91", "-1", "1.5"])("20.7 refuses to remember devices for %s days", (days) => {
  expect(() => loadConfig({ ...testSettings, MFA_REMEMBER_DAYS: days })).toThrow("from 0 to 90");
});
