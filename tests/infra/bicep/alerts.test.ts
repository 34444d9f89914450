// The alerts ask for events by name: a name that the log does not know would never fire.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createAudit } from "../../../shared/audit/audit.ts";
import { withinInvocation } from "../../../shared/platform/log.ts";
import type { Deployment } from "../../../tools/infra/rules/resources.ts";
import { at, listAt } from "../../../tools/infra/rules/resources.ts";

const { resources } = JSON.parse(readFileSync("infra/snapshots/cheap.json", "utf8")) as Deployment;
const queries = resources
  .filter(({ type }) => type === "Microsoft.Insights/scheduledQueryRules")
  .map((rule) => String(at(listAt(rule, "properties.criteria.allOf")[0], "query")));

/** The names that a query compares with, as `[field, name]`. */
const compared = queries.flatMap((query) =>
  [...query.matchAll(/line\.(\w+)\) == '([^']+)'/g)].map(([, field = "", name = ""]) => [field, name] as const),
);

/** A line of the audit log, as the service writes it. */
function auditLine(type: Parameters<ReturnType<typeof createAudit>["record"]>[0]["type"]): Record<string, unknown> {
  let line = "";
  const invocation = { requestId: "r", functionName: "f", write: (_level: string, text: string) => (line = text) };
  withinInvocation({ ...invocation, write: (level, text) => void invocation.write(level, text) }, () =>
    createAudit().record({ type, client: { address: undefined, userAgent: undefined } }),
  );
  return JSON.parse(line) as Record<string, unknown>;
}

test("the alerts ask for what they should", () => {
  expect(queries).toHaveLength(4);
  expect(compared.filter(([field]) => field === "type").map(([, name]) => name)).toEqual(
    expect.arrayContaining(["session.reuse_detected", "sign_in.failed"]),
  );
});

test.each(["session.reuse_detected", "sign_in.failed"] as const)(
  "a line of %s has the fields that its alert compares",
  (type) => {
    const query = queries.find((text) => text.includes(`'${type}'`)) ?? "";
    const line = auditLine(type);
    const fields = [...query.matchAll(/line\.(\w+)\) == '([^']+)'/g)];
    expect(fields).toHaveLength(2);
    for (const [, field = "", name] of fields) expect(line[field]).toBe(name);
  },
);
