import { expect, test } from "vitest";
import { DatabaseUnavailable } from "../../shared/platform/database/errors.ts";
import { explainDatabaseFault } from "../../tools/database-fault.ts";
import { useCommandSettings } from "../support/command-settings.ts";

useCommandSettings({ EMBEDDED_DB_FILE: "somewhere.db" });

test.each([
  [true, "another process holds it; try again"],
  [false, "put a backup in its place, or set EMBEDDED_DB_FILE to another file"],
])("a file that cannot be used is named, with what to do (transient: %s)", (isTransient, advice) => {
  const fault = new DatabaseUnavailable(new Error("why"), { isTransient, reason: "a reason" });
  expect(String(explainDatabaseFault(fault))).toMatch(
    new RegExp(`somewhere\\.db cannot be used \\(why\\): ${advice}$`),
  );
});

test("another error stays as it is", () => {
  const error = new Error("another");
  expect(explainDatabaseFault(error)).toBe(error);
});
