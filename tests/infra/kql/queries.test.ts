// 19: the queries of the pages and of the alerts, as Microsoft's parser reads them: they fit the tables, and ask for what the
// service writes.
import { globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { createAudit, type AuditEvent } from "../../../shared/audit/audit.ts";
import { eventTypes } from "../../../shared/audit/event-types.ts";
import { profiles } from "../../../tools/infra/rules/all.ts";
import { readQuery } from "../../support/kql/kusto.ts";
import { traces } from "../../support/kql/lines.ts";
import { alertsOf, pagesWithQueries, queriesOf } from "../../support/kql/pages.ts";
import { tables } from "../../support/kql/tables.ts";

const onPages = pagesWithQueries.flatMap(queriesOf);
const ofAlerts = profiles.flatMap(alertsOf);
const everywhere = [...onPages, ...ofAlerts];

describe("a wrong query is found:", () => {
  test.each([
    ["a column that the table lacks", "traces | where TimeGenerated > ago(1d)", "'TimeGenerated' does not refer"],
    [
      "a column that a step has dropped",
      "traces | project message | where timestamp > ago(1d)",
      "'timestamp' does not",
    ],
    ["a table that is not there", "logs | count", "'logs' does not refer to any known table"],
    ["a function that is not there", "traces | where contains_all(message)", "'contains_all' does not refer"],
    ["a keyword as a name", "traces | summarize latest = count() | order by latest", "'latest'"],
    ["a group by what may be of any type", "traces | summarize count() by parse_json(message).event", "'dynamic'"],
    ["a text as a condition", "traces | where message", "bool"],
    ["half a query", "traces | where", "Missing expression"],
    ["SQL", "select * from traces", "does not refer"],
  ])("%s", (_, text, finding) => {
    expect(readQuery(text, tables).findings.join("\n")).toContain(finding);
  });

  test("and a right one is not", () => {
    expect(readQuery("traces | where tostring(parse_json(message).event) == 'audit' | count", tables).findings).toEqual(
      [],
    );
  });
});

test("the queries are found: the page's, and each profile's alerts", () => {
  expect(pagesWithQueries).toContain("docs/monitoring.md");
  expect(onPages.length).toBeGreaterThan(15);
  expect(ofAlerts.length).toBe(10 * profiles.length);
});

test.each(everywhere)("$place: $name fits the tables", ({ text }) => {
  expect(readQuery(text, tables).findings).toEqual([]);
});

describe("what queries ask for is what the service writes:", () => {
  const sources = globSync("shared/**/*.ts").map((file) => readFileSync(file, "utf8"));
  /** The names of lines, each with the members that the source names: `log("warn", "mail.dead", { mail: …, why })`. */
  const logged = sources.flatMap((source) =>
    [...source.matchAll(/\blog\((?:level|[^,"]*"\w+"), "([\w.]+)"(?:, \{([^;]*?)\}\);)?/g)].map(
      ([, event = "", members = ""]) => ({
        event,
        members: [...members.matchAll(/(?:^|[{,(\s])(\w+)(?=:|,|\s*$|\s*\})/g)].map(([, name = ""]) => name),
      }),
    ),
  );
  const events = new Set([...logged.map(({ event }) => event), "audit"]);

  /** The members of an audit line that says everything. */
  async function auditMembers(): Promise<string[]> {
    const whole: Required<AuditEvent> = {
      type: "sign_in.failed",
      accountId: "a",
      sessionId: "s",
      provider: "google",
      clientId: "c",
      tokenId: "t",
      email: "ada@example.com",
      reason: "INVALID_CREDENTIALS",
      count: 2,
      actor: { kind: "client" },
      auditId: "a",
      about: "sign_in.failed",
      before: "2026-12-01T00:00:00.000Z",
    };
    const call = { now: new Date(0), source: { address: "192.0.2.1", userAgent: "Firefox" } };
    const [line] = await traces(() => createAudit(async () => {}).record(call, whole));
    return Object.keys(JSON.parse(line?.message ?? "") as object);
  }

  const asked = (pattern: RegExp) =>
    everywhere.flatMap(({ text, place, name }) =>
      [...text.matchAll(pattern)].map(([, word = ""]) => ({ word, where: `${place}: ${name}` })),
    );

  test("the names of lines and of types of events", () => {
    const words = asked(/'([a-z_]+\.[a-z_]+)'/g);
    expect(words.length).toBeGreaterThan(20);
    expect(words.filter(({ word }) => !events.has(word) && !(word in eventTypes))).toEqual([]);
    const begins = asked(/startswith '([^']+)'/g);
    const all = [...events, ...Object.keys(eventTypes)];
    expect(begins.filter(({ word }) => !all.some((name) => name.startsWith(word)))).toEqual([]);
  });

  test("the members of lines", async () => {
    const members = new Set([...(await auditMembers()), ...logged.flatMap((line) => line.members)]);
    expect(asked(/\bline\.(\w+)/g).filter(({ word }) => !members.has(word))).toEqual([]);
    expect(members.has("accountid")).toBe(false);
  });

  test("docs/monitoring.md explains each warning and error, and names no line that there is not", () => {
    const page = readFileSync("docs/monitoring.md", "utf8");
    const table = page.slice(page.indexOf("### Warnings and errors"), page.indexOf("## Credential stuffing"));
    const told = [...table.matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`([\w.]+)`/g)].map(([, name = ""]) => name),
    );
    const warned = sources.flatMap((source) =>
      [...source.matchAll(/\blog\("(?:warn|error)", "([\w.]+)"/g)].map(([, event = ""]) => event),
    );
    expect([...new Set([...warned, "request.refused", "audit"])].toSorted()).toEqual(told.toSorted());
  });
});
