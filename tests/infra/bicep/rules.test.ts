// Each rule finds what a template breaks, of those in broken/.
import { cpSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { findCompiler } from "../../../tools/infra/compiler.ts";
import { otherNames } from "../../../tools/infra/rules/names.ts";
import type { Deployment } from "../../../tools/infra/rules/resources.ts";
import { predict } from "../../../tools/infra/snapshots.ts";
import { temporaryFolder } from "../../support/folder.ts";
import { cases, isIn } from "./broken-templates.ts";

const compiler = findCompiler();
if (!compiler)
  console.log("The rules of check:infra were not tried on broken templates: they need Bicep or the .NET SDK.");

describe.skipIf(!compiler)("on a broken template", { timeout: 120_000 }, () => {
  const folder = temporaryFolder();
  const templates = [...new Set(cases.map(([template]) => template))];
  /** All in one prediction, which takes seconds: each template in a resource group of its name. */
  const predictAll = async (deploymentName: string) => {
    const modules = templates.map(
      (name) => `module m_${name.replace("-", "_")} '${name}.bicep' = { scope: resourceGroup('${name}') }\n`,
    );
    writeFileSync(path.join(folder, "all.bicep"), `targetScope = 'subscription'\n${modules.join("")}`);
    writeFileSync(path.join(folder, "all.bicepparam"), "using 'all.bicep'\n");
    if (!compiler) throw new Error("no compiler");
    return predict(compiler, { folder, file: "all.bicepparam", deploymentName });
  };
  let all: Deployment = { resources: [], outputs: {} };
  const resourcesOf = (template: string, { resources }: Deployment = all): Deployment => ({
    resources: resources.filter(isIn(template)),
    outputs: {},
  });

  beforeAll(async () => {
    cpSync(path.join(import.meta.dirname, "broken"), folder, { recursive: true });
    all = await predictAll("one");
  }, 120_000);

  test.each(cases.map(([template, rule, findings]) => [template, rule.name, rule, findings] as const))(
    "%s: %s finds what is wrong, and nothing else",
    (template, _name, rule, findings) => {
      const found = rule(resourcesOf(template));
      for (const finding of findings) expect(found.join("\n")).toMatch(finding);
      const unexpected = found.filter((line) => !findings.some((finding) => finding.test(line)));
      // Of what is missing altogether there is more than the cases name.
      expect(
        unexpected.filter(
          (line) => !/missing|no role assignment|is not off|publicNetworkAccess|no private endpoint/.test(line),
        ),
      ).toEqual([]);
    },
  );

  test("a name that is made of the deployment's is another in the next", async () => {
    const first = resourcesOf("names");
    expect(otherNames(first, first)).toEqual([]);
    expect(otherNames(first, resourcesOf("names", await predictAll("another")))).toEqual([
      expect.stringMatching(
        /^Microsoft.ManagedIdentity\/userAssignedIdentities id-m_names.* gets a different name in another/,
      ),
    ]);
  });
});
