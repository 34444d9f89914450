// No rule finds anything in what the profiles deploy.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { judge, profiles, separate } from "../../../tools/infra/rules/all.ts";
import { legalNames, withStem } from "../../../tools/infra/rules/names.ts";
import type { Deployment } from "../../../tools/infra/rules/resources.ts";

describe("on the committed snapshots", () => {
  const snapshot = (profile: string) =>
    JSON.parse(readFileSync(`infra/snapshots/${profile}.json`, "utf8")) as Deployment;

  test.each([...profiles, ...separate])("no rule finds anything in %s", (profile) => {
    expect(judge(profile, snapshot(profile))).toEqual([]);
  });

  test("what is fine in warm is not in private", () => {
    expect(judge("private", snapshot("warm")).join("\n")).toContain("publicNetworkAccess");
  });

  test("a stem that is too long, or ends in a hyphen, makes illegal names", () => {
    const stem = { from: "latchke-gaqtjhvvbbv4a", to: "latchkey0-gaqtjhvvbbv4a" };
    const long = legalNames(withStem(snapshot("warm"), stem)).join("\n");
    expect(long).toContain("Microsoft.KeyVault/vaults kv-latchkey0-gaqtjhvvbbv4a: is not a legal name");
    expect(legalNames(withStem(snapshot("warm"), { ...stem, to: "-" })).join("\n")).toContain("storageAccounts st: ");
  });
});
