// 19.6: the structured log carries the same events as the rows, under the same names: what an alert reads is what is proven.
import { expect, test } from "vitest";
import { eventTypeOf, type AuditEventType } from "../../../shared/audit/event-types.ts";
import { callerOf } from "../../../shared/audit/personal.ts";
import { readRecords } from "../../support/audit-chains.ts";
import { clientToken, newClient } from "../../support/clients.ts";
import { newDevice, password, refresh, refreshed, registerPerson, signIn } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

type Line = Readonly<Record<string, string | number>>;

/** What line and row both say of an event. */
interface Said {
  readonly type: string;
  readonly outcome: string;
  readonly actor: string;
  readonly reason: string | null;
  readonly client: string | null;
  readonly count: number | null;
  readonly request_id: string | null;
  readonly session_id: string | null;
  readonly email: string | null;
  readonly address: string | null;
}

test("19.6 what a person, a stranger and a client do has one line for each row, and one row for each line that is kept", async () => {
  const service = await startService();
  await doThings(service);
  const lines = service.logLines
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line)
    .filter(({ event }) => event === "audit");
  const records = await readRecords(service.services.database.queries);
  const kept = lines.filter(({ type }) => eventTypeOf(type as AuditEventType).kept !== "none");

  const byRow = records.map((record): Said => {
    const { client_id = null, count = null } = JSON.parse(record.details ?? "{}") as Record<string, never>;
    const { type, outcome, actor, reason } = record;
    const { request_id, session_id, email, address } = callerOf(record.personal);
    return { type, outcome, actor, reason, client: client_id, count, request_id, session_id, email, address };
  });
  expect(new Set(byRow.map(({ actor }) => actor))).toEqual(new Set(["person", "anonymous", "client"]));
  expect(byRow.map(keyOf).toSorted()).toEqual(kept.map(saidBy).map(keyOf).toSorted());

  // Whoever a line names by the account's id, the row names by its audit id, always the same.
  const { queries } = service.services.database;
  for (const { account_id: accountId, type, request_id: requestId } of kept) {
    const auditId =
      accountId === undefined ? null : await service.services.subjects.auditIdOf(queries, String(accountId));
    const row = records.find((one) => one.type === type && callerOf(one.personal).request_id === requestId);
    expect(row?.subject, String(type)).toBe(auditId);
  }
});

/** The refusals, changes and alarms of a day. */
async function doThings(service: Awaited<ReturnType<typeof startService>>): Promise<void> {
  const { api, clock } = service;
  const email = await registerPerson(api);
  const device = await signIn(api, email);
  expect((await api.post("/auth/login", { body: { email, password: "wrong battery" } })).status).toBe(401);
  expect((await api.post("/auth/login", { body: { email: "nobody@example.com", password } })).status).toBe(401);
  const stolen = await newDevice(api);
  await refreshed(api, stolen);
  clock.advance(3600);
  expect((await refresh(api, stolen.cookie)).status).toBe(401);
  const client = await newClient(service);
  await clientToken(api, client);
  const wrong = { form: { grant_type: "client_credentials", client_id: client.id, client_secret: "wrong" } };
  expect((await api.post("/oauth/token", wrong)).status).toBe(401);
  const latest = await refreshed(api, device);
  expect((await api.post("/auth/logout", { bearer: latest.accessToken })).status).toBe(200);
}

function saidBy(line: Line): Said {
  const { type, outcome, actor, request_id: requestId } = line;
  const or = (value: string | number | undefined) => (value === undefined ? null : String(value));
  return {
    type: String(type),
    outcome: String(outcome),
    actor: String(actor),
    reason: or(line["reason"]),
    client: or(line["client_id"]),
    count: typeof line["count"] === "number" ? line["count"] : null,
    request_id: or(requestId),
    session_id: or(line["session_id"]),
    email: or(line["email"]),
    address: or(line["address"]),
  };
}

const keyOf = (said: Said) => JSON.stringify(said, Object.keys(said).toSorted());
