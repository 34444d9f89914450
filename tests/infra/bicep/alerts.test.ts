// The alerts ask for events by name: a name that the log does not know would never fire.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createAudit } from "../../../shared/audit/audit.ts";
import type { AuditEventType } from "../../../shared/audit/event-types.ts";
import { misconfigured } from "../../../shared/platform/misconfigured.ts";
import { noSource } from "../../../shared/platform/source.ts";
import { ConfigError } from "../../../shared/platform/settings/config-error.ts";
import { withinInvocation } from "../../../shared/platform/log.ts";
import { at, listAt, type Deployment } from "../../../tools/infra/rules/resources.ts";

const { resources } = JSON.parse(readFileSync("infra/snapshots/cheap.json", "utf8")) as Deployment;
const queries = resources
  .filter(({ type }) => type === "Microsoft.Insights/scheduledQueryRules")
  .map((rule) => String(at(listAt(rule, "properties.criteria.allOf")[0], "query")));

/** What a query compares a line of the log with, as `[field, name]`. */
const comparedIn = (query: string) =>
  [...query.matchAll(/line\.(\w+)\) == '([^']+)'/g)].map(([, field = "", name = ""]) => [field, name] as const);

/** A line of the audit log, as the service writes it. */
async function auditLine(type: AuditEventType): Promise<Record<string, unknown>> {
  const lines: string[] = [];
  const write = (_level: string, line: string) => void lines.push(line);
  await withinInvocation({ requestId: "r", functionName: "f", write }, () =>
    createAudit(async () => {}).record({ now: new Date(0), source: noSource }, { type }),
  );
  return JSON.parse(lines[0] ?? "") as Record<string, unknown>;
}

const types = [
  "session.repeat_suspicious",
  "session.reuse_detected",
  "sign_in.failed",
  "sign_in.stuffing_detected",
] as const satisfies readonly AuditEventType[];

test("the alerts ask for these events, and for no others", () => {
  expect(queries).toHaveLength(6);
  const asked = queries.flatMap(comparedIn).flatMap(([field, name]) => (field === "type" ? [name] : []));
  expect(asked.toSorted()).toEqual([...types]);
});

test("15.22 wrong settings fire the alert that asks for the line that the service writes then", () => {
  const query = queries.find((text) => text.includes("misconfigured")) ?? "";
  const lines: string[] = [];
  const write = (_level: string, line: string) => void lines.push(line);
  withinInvocation({ requestId: "r", functionName: "f", write }, () =>
    misconfigured(new ConfigError("Wrong settings: SECRET_KEY is required")),
  );
  const line = JSON.parse(lines[0] ?? "{}") as Record<string, unknown>;
  expect(comparedIn(query)).toEqual([["event", line["event"]]]);
});

test.each(types)("a line of %s has the fields that its alert compares", async (type) => {
  const compared = comparedIn(queries.find((text) => text.includes(`'${type}'`)) ?? "");
  const line = await auditLine(type);
  expect(new Set(compared.map(([field]) => field))).toEqual(new Set(["event", "type"]));
  for (const field of ["event", "type"]) {
    const names = compared.filter(([one]) => one === field).map(([, name]) => name);
    expect(names).toContain(line[field]);
  }
});
