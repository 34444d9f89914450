// Who a pipeline is to Azure, as the compiler predicts it.
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { profiles } from "../../../tools/infra/rules/all.ts";
import { boundedPipeline } from "../../../tools/infra/rules/pipeline.ts";
import { at, type Deployment, type Resource } from "../../../tools/infra/rules/resources.ts";
import { grantedRoles } from "../../../tools/infra/rules/roles.ts";

describe("15.8 who grants roles in a pipeline", () => {
  const { resources } = JSON.parse(readFileSync("infra/snapshots/pipeline.json", "utf8")) as Deployment;
  const isGrant = ({ type }: Resource) => type === "Microsoft.Authorization/roleAssignments";

  test("may grant what the templates grant, to services, and no other", () => {
    const bound = resources.filter((one) => isGrant(one) && JSON.stringify(one).includes("ActionMatches"));
    expect(bound).toHaveLength(1);
    const listed = [...JSON.stringify(bound).matchAll(/GuidEquals \{([^}]+)\}/g)].map(([, list = ""]) =>
      list.split(", "),
    );
    expect(listed.map((list) => list.toSorted())).toEqual([grantedRoles.toSorted(), grantedRoles.toSorted()]);
    const inTemplates = profiles.flatMap((profile) =>
      (JSON.parse(readFileSync(`infra/snapshots/${profile}.json`, "utf8")) as Deployment).resources.filter(isGrant),
    );
    const granted = inTemplates.map((one) => String(at(one, "properties.roleDefinitionId")).split("/").at(-1));
    expect(new Set(granted).size).toBeGreaterThan(3);
    for (const role of granted) expect(grantedRoles).toContain(role);
  });

  test.each([
    [
      "another role more",
      (text: string) => text.replace("GuidEquals {", "GuidEquals {8e3af657-a8ff-443c-a75c-2fe8c4bcb635, "),
    ],
    ["a role less", (text: string) => text.replace(/GuidEquals \{[\da-f-]+, /, "GuidEquals {")],
    ["people too", (text: string) => text.replace("{'ServicePrincipal'}", "{'ServicePrincipal', 'User'}")],
    ["a way around it", (text: string) => text.replace(/("condition": "[^"]+)"/, '$1 OR (1 Eq 1)"')],
    ["an old version of it", (text: string) => text.replace('"conditionVersion": "2.0"', '"conditionVersion": "1.0"')],
    [
      "the whole subscription",
      (text: string) => text.replaceAll("/resourceGroups/rg-latchke-gaqtjhvvbbv4a/providers", "/providers"),
    ],
    [
      "Reader for pull requests",
      (text: string) => {
        const looking = /"name": "([\da-f-]+)"(?:(?!"name")[^])*"roleName": "Latchkey resources/.exec(text)?.[1] ?? "";
        return text.replace(
          `roleDefinitions/${looking}",\n        "principalId"`,
          `roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7",\n        "principalId"`,
        );
      },
    ],
    [
      "the logs of the workspace",
      (text: string) => text.replace(/ *"Microsoft.OperationalInsights\/workspaces\/query\/\*",\n/, ""),
    ],
    ["a trust in every branch", (text: string) => text.replace("environment:production", "ref:refs/heads/*")],
  ])("with %s is found", (_what, change) => {
    const text = readFileSync("infra/snapshots/pipeline.json", "utf8");
    expect(change(text)).not.toBe(text);
    expect(boundedPipeline(JSON.parse(text) as Deployment)).toEqual([]);
    expect(boundedPipeline(JSON.parse(change(text)) as Deployment)).not.toEqual([]);
  });
});
