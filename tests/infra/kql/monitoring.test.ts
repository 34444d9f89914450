// 19: each query of docs/monitoring.md finds, among lines that the service writes, what it is said to find, and nothing else.
import { beforeAll, describe, expect, test } from "vitest";
import { readQuery } from "../../support/kql/kusto.ts";
import { minutesAgo, now } from "../../support/kql/lines.ts";
import { queriesOf } from "../../support/kql/pages.ts";
import { runQuery, type Row } from "../../support/kql/run.ts";
import { sampleDay, type SampleDay } from "../../support/kql/sample-day.ts";
import { tables } from "../../support/kql/tables.ts";
import { startService } from "../../support/service.ts";

const queries = new Map(queriesOf("docs/monitoring.md").map(({ name, text }) => [name, text]));
let day: SampleDay;

beforeAll(async () => {
  const { api, logLines } = await startService();
  const start = logLines.length;
  await api.get("/auth/me");
  await api.get("/no/such/route");
  day = await sampleDay(logLines.slice(start));
});

/** The rows that a query of the page answers with, after something was pasted into it. */
function answer(name: string, paste: Readonly<Record<string, string>> = {}): Row[] {
  let text = queries.get(name) ?? "";
  for (const [place, value] of Object.entries(paste)) text = text.replace(place, value);
  return runQuery(readQuery(text, tables), day, now);
}

test("every query of the page is run here", () => {
  expect(Object.keys(expected).toSorted()).toEqual([...queries.keys()].toSorted());
});

interface Expectation {
  readonly paste?: Readonly<Record<string, string>>;
  /** Some columns of each row. */
  readonly finds: readonly object[];
}

/** What each query finds on the day. */
const expected: Readonly<Record<string, Expectation>> = {
  "What is wrong now": {
    finds: [
      { level: "warn", event: "audit", what: "sign_in.stuffing_detected", lines: 1, first_seen: minutesAgo(8) },
      { level: "warn", event: "audit", what: "session.reuse_detected", lines: 1 },
      { level: "warn", event: "audit", what: "session.repeat_suspicious", lines: 1 },
      { level: "error", event: "mail.dead", what: "" },
      { level: "warn", event: "mail.queue_away" },
      { level: "error", event: "job.failed", example: expect.stringContaining("no answer") },
      { level: "warn", event: "audit.not_kept", example: expect.stringContaining("the database is away") },
    ],
  },
  "What is wrong now 2": { finds: [{ name: "login", calls: 2, failed: 1, last_seen: minutesAgo(4) }] },
  "What is wrong now 3": {
    paste: { "PASTE THE X-REQUEST-ID": "request-2" },
    finds: [
      { event: "audit", type: "session.reuse_detected", timestamp: minutesAgo(5) },
      { event: "audit", type: "session.refreshed" },
      { event: "audit", type: "session.repeat_suspicious", timestamp: minutesAgo(2) },
    ],
  },
  "Credential stuffing": {
    finds: [{ address: "198.51.100.7", reason: "one network, many addresses", times: 1, last_seen: minutesAgo(8) }],
  },
  "Credential stuffing 2": { finds: [{ address: "198.51.100.7", failed: 13, tried: 13, entered: ["eve"] }] },
  "Failed sign-ins": {
    finds: [
      { hour: new Date("2026-12-01T08:00:00.000Z"), reason: "INVALID_CREDENTIALS", failed: 1, addresses: 1 },
      { hour: new Date("2026-12-01T09:00:00.000Z"), reason: "INVALID_CREDENTIALS", provider: "", failed: 12 },
      { reason: "PROVIDER_UNAVAILABLE", provider: "google", failed: 1 },
    ],
  },
  "Failed sign-ins 2": { finds: [{ account: "ada", closed: 1, last_seen: minutesAgo(5) }] },
  "Stolen refresh tokens": {
    finds: [
      { type: "session.repeat_suspicious", account: "eve", session: "s1", user_agent: "Firefox" },
      { type: "session.reuse_detected", account: "ada", session: "s2", address: "198.51.100.7" },
    ],
  },
  "One account": {
    paste: { "PASTE THE ACCOUNT ID": "eve" },
    finds: ["sign_in.succeeded", "session.refreshed", "password.reset", "session.repeat_suspicious"].map((type) => ({
      type,
    })),
  },
  "One account 2": {
    finds: [{ address: "192.0.2.9", accounts: 3, which: ["ada", "eve", "joe"], types: ["password.reset"] }],
  },
  Administration: {
    finds: [{ action_name_s: "DATABASE AUTHENTICATION SUCCEEDED", times: 2, last_seen: minutesAgo(6) }],
  },
  "Administration 2": {
    finds: [
      { actor: "system", type: "sign_in.closed", times: 1 },
      { actor: "system", type: "sign_in.stuffing_detected", times: 1 },
    ],
  },
  "Refused clients": {
    finds: [
      { client: "billing", reason: "credentials", refused: 2, first_seen: minutesAgo(30), last_seen: minutesAgo(5) },
    ],
  },
  "Limits and addresses": { finds: [{ limit: "credentials", address: "198.51.100.7", refused: 42 }] },
  "Limits and addresses 2": {
    finds: [
      { code: "UNAUTHENTICATED", route: "auth/me", status: 401, calls: 1 },
      { code: "NOT_FOUND", status: 404, calls: 1 },
    ],
  },
  Mail: {
    finds: [
      { event: "mail.dead", template: "verification", why: "550 no such user", lines: 1 },
      { event: "mail.queue_away", template: "", last_seen: minutesAgo(3) },
    ],
  },
  "The audit log": { finds: [{ event: "audit.not_kept", lines: 1, first_seen: minutesAgo(4) }] },
  Jobs: {
    finds: [
      { job: "purge-expired", finished: 1, failed: 0 },
      { job: "rotate-signing-keys", finished: 0, failed: 1 },
    ],
  },
};

describe("on a day's lines", () => {
  test.each(Object.entries(expected))("%s", (name, { paste = {}, finds }) => {
    const found = answer(name, paste);
    expect(found).toHaveLength(finds.length);
    expect(found).toEqual(expect.arrayContaining(finds.map((row) => expect.objectContaining(row) as object)));
  });

  test("rows come in the order that the page says", () => {
    expect(answer("Failed sign-ins").map(({ hour }) => hour)).toEqual(
      answer("Failed sign-ins")
        .map(({ hour }) => hour as Date)
        .toSorted((one, other) => one.getTime() - other.getTime()),
    );
    expect(answer("Stolen refresh tokens").map(({ timestamp }) => timestamp)).toEqual([minutesAgo(2), minutesAgo(5)]);
  });
});
