import { createAudit, type AuditEvent } from "../../../shared/audit/audit.ts";
import { describeError, log, type LogFields, type LogLevel } from "../../../shared/platform/log.ts";
import { noSource } from "../../../shared/platform/source.ts";
import { minutesAgo, now, traceOf, traces, type Origin, type Trace } from "./lines.ts";
import type { Row } from "./run.ts";
import type { TableName } from "./tables.ts";

/** Rows of each table that the page's queries read. */
export type SampleDay = Readonly<Record<Exclude<TableName, "StorageQueueLogs">, readonly Row[]>>;

interface From extends Origin {
  readonly address?: string;
}

const stuffer = "198.51.100.7";
const ada = { address: "203.0.113.1" };
const atRefresh = { name: "refresh", requestId: "request-2" };
const atToken = { name: "token" };
const lastYear = 400 * 24 * 60;

/** The lines of an event, as the audit log writes them. */
function audited(event: AuditEvent, { address = stuffer, ...origin }: From = {}): Promise<Trace[]> {
  const call = { now, source: { address, userAgent: "Firefox" } };
  return traces(() => createAudit(async () => {}).record(call, event), origin);
}

function line(level: LogLevel, event: string, fields: LogFields, origin: Origin = {}): Promise<Trace[]> {
  return traces(() => log(level, event, fields), origin);
}

const failure = { cause: describeError(new Error("no answer")) };

/** An audit log whose database is away. */
const brokenAudit = createAudit(() => Promise.reject(new Error("the database is away")));

/**
 * What happens to a service on a day: somebody tries passwords and gets into an account, tokens come back, and things
 * fail. Beside what each query looks for there is what it must not find.
 * @param others lines that a service has written
 */
export async function sampleDay(others: readonly string[]): Promise<SampleDay> {
  const lines = [
    ...signIns(),
    ...sessions(),
    ...["ada", "eve", "joe"].map((accountId) =>
      audited({ type: "password.reset", accountId }, { address: "192.0.2.9" }),
    ),
    audited({ type: "password.changed", accountId: "ada" }, ada),
    audited({ type: "client.refused", clientId: "billing", reason: "credentials" }, atToken),
    audited({ type: "client.refused", clientId: "billing", reason: "credentials" }, { ...atToken, minutesAgo: 30 }),
    audited({ type: "client.token_issued", clientId: "billing", tokenId: "t" }, atToken),
    audited({ type: "limit.exceeded", reason: "credentials" }),
    audited({ type: "limit.exceeded", reason: "credentials", count: 41 }, { minutesAgo: 1 }),
    line("error", "mail.dead", { mail: "m", template: "verification", attempts: 1, why: "550 no such user" }),
    line("warn", "mail.queue_away", failure, { minutesAgo: 3 }),
    line("info", "job.finished", { removed: 1, milliseconds: 7 }, { name: "purge-expired" }),
    line("error", "job.failed", failure, { name: "rotate-signing-keys" }),
    traces(() => brokenAudit.record({ now, source: noSource }, { type: "session.ended", accountId: "ada" }), {
      minutesAgo: 4,
    }),
  ];
  const host = "Executing 'Functions.login' (Reason='This function was called.')";
  return {
    traces: [
      ...(await Promise.all(lines)).flat(),
      ...[...others, host].map((message) => traceOf(message, 1, minutesAgo(5))),
    ],
    requests: [
      { name: "login", resultCode: "503", timestamp: minutesAgo(5) },
      { name: "login", resultCode: "200", timestamp: minutesAgo(4) },
      { name: "me", resultCode: "401", timestamp: minutesAgo(4) },
    ],
    AzureDiagnostics: [
      { ...databaseSignIn, TimeGenerated: minutesAgo(5), event_time_t: minutesAgo(6) },
      { ...databaseSignIn, TimeGenerated: minutesAgo(15), event_time_t: minutesAgo(16) },
      { ...databaseSignIn, TimeGenerated: minutesAgo(5), event_time_t: minutesAgo(6), Category: "SQLInsights" },
    ],
  };
}

function signIns() {
  const wrong = { type: "sign_in.failed", reason: "INVALID_CREDENTIALS" } as const;
  return [
    ...Array.from("abcdefghijkl", (name) => audited({ ...wrong, email: `${name}@example.com` })),
    audited({ ...wrong, accountId: "ada" }, { minutesAgo: 90 }),
    audited({ ...wrong, accountId: "ada" }, { minutesAgo: lastYear }),
    audited({ type: "sign_in.succeeded", accountId: "eve", sessionId: "s1" }),
    audited({ type: "sign_in.succeeded", accountId: "ada", sessionId: "s2" }, ada),
    audited({ type: "sign_in.failed", provider: "google", reason: "PROVIDER_UNAVAILABLE" }, ada),
    audited({ type: "sign_in.stuffing_detected", reason: "one network, many addresses" }, { minutesAgo: 8 }),
    audited({ type: "sign_in.closed", accountId: "ada" }),
  ];
}

function sessions() {
  const repeat = { type: "session.repeat_suspicious", accountId: "eve", sessionId: "s1" } as const;
  return [
    audited({ type: "session.reuse_detected", accountId: "ada", sessionId: "s2", reason: "reuse" }, atRefresh),
    audited(repeat, { ...atRefresh, minutesAgo: 2 }),
    audited({ type: "session.refreshed", accountId: "eve", sessionId: "s1" }, atRefresh),
  ];
}

const databaseSignIn = {
  Category: "SQLSecurityAuditEvents",
  action_name_s: "DATABASE AUTHENTICATION SUCCEEDED",
  succeeded_s: "true",
  database_principal_name_s: "latchkey-app",
  server_principal_name_s: "",
  client_ip_s: "10.0.0.4",
  statement_s: "",
};
