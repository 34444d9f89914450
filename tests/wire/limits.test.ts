// What rate limits cost in round trips on SQL Server, and what becomes of calls that cannot be counted.
import { beforeEach, describe, expect, test } from "vitest";
import { createDatabaseCounter } from "../../shared/limits/database-counter.ts";
import type { ApiAnswer } from "../support/api.ts";
import { meStatus, newDevice, password, refresh, registerPerson, signIn, type Device } from "../support/people.ts";
import { startService } from "../support/service.ts";
import type { TdsRequest } from "../support/tds/messages.ts";
import { connectTo, lostAnswers, once, requestsOf, settingsFor, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
const patient = { DB_ACQUIRE_TIMEOUT_SECONDS: "20", DB_CONNECT_TIMEOUT_SECONDS: "20" };
const service = await startService({ ...settingsFor(server.port), ...patient, RATE_LIMITS: "on" });
const { api, clock, logLines } = service;

const counts = ({ sql }: TdsRequest) => sql.includes('"rate_limits"');
const wrong = { email: "nobody@example.com", password: "not the pass phrase" };
const login = (body: object = wrong) => api.post("/auth/login", { body });
const forgot = (email: string) => api.post("/auth/password/forgot", { body: { email } });

const requests = async (call: () => Promise<unknown>) => (await requestsOf(server, call)).length;

beforeEach(() => {
  server.script = {};
  // Past every window.
  clock.advance(3601);
});

describe("18.1 a limited call sends one request more,", () => {
  test("all its keys in it: register 3, login 7 with the count of failures, refresh 4, forgot 3; me still 1", async () => {
    await newDevice(api);
    let email = "";
    expect(await requests(async () => (email = await registerPerson(api)))).toBe(3);
    let device: Device | undefined;
    expect(await requests(async () => (device = await signIn(api, email)))).toBe(7);
    expect(await requests(() => meStatus(api, device as Device))).toBe(1);
    expect(await requests(() => refresh(api, (device as Device).cookie))).toBe(4);
    server.requests.length = 0;
    expect((await forgot(email)).status).toBe(202);
    expect(server.requests).toHaveLength(3);
    expect(server.requests[0]?.statements.filter((text) => text.startsWith('update "rate_limits"'))).toHaveLength(2);
  });

  test("which begins and ends a transaction for each key, whose commit does not wait for the log", async () => {
    server.requests.length = 0;
    await forgot("text@example.com");
    const request = server.requests.find(counts);
    const [update = "", insert = ""] = request?.statements ?? [];
    expect(update).toBe(
      'update "rate_limits" set "used" = case when resets_at > @1 then used + 1 else 1 end, "resets_at" = case when resets_at > @2 then resets_at else @3 end output "inserted"."used", "inserted"."resets_at" where "bucket" = @4',
    );
    expect(insert).toContain('output "inserted"."used", "inserted"."resets_at" values (@5, @6, @7)');
    const { sql = "", kind } = request ?? {};
    expect(sql.match(/^begin transaction;$/gm)).toHaveLength(2);
    expect(sql.match(/^commit transaction with \(delayed_durability = on\);?$/gm)).toHaveLength(2);
    expect(kind).toBe("query");
  });

  test("or none, for a key that is known to be used up: not even to read the session", async () => {
    const device = await newDevice(api);
    while ((await login()).status !== 429);
    expect(await requests(() => login())).toBe(0);
    const proof = { body: { refresh_token: device.refreshToken, password }, bearer: device.accessToken };
    expect(await requests(() => api.post("/auth/reauthenticate", proof))).toBe(0);
    for (let one = 0; one < 5; one += 1) await forgot("known@example.com");
    expect((await forgot("known@example.com")).status).toBe(429);
    expect(await requests(() => forgot("known@example.com"))).toBe(0);
    expect((await forgot("another@example.com")).status).toBe(202);
  });
});

describe("18.1 while attempts cannot be counted,", () => {
  const away = () => {
    server.script.request = (request, run) => (counts(request) ? { error: { number: 40501, message: "busy" } } : run());
  };
  const expectUnavailable = ({ status, json, headers }: ApiAnswer) => {
    expect([status, json.error_code]).toEqual([503, "LIMITS_UNAVAILABLE"]);
    expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    expect(headers.has("ratelimit")).toBe(false);
  };

  test("passwords, mails and registrations are refused, and the log says why", async () => {
    away();
    logLines.length = 0;
    expectUnavailable(await login());
    expect(logLines.some((line) => line.includes("it is at the limit of its tier (40501)"))).toBe(true);
    expectUnavailable(await forgot("away@example.com"));
    expectUnavailable(await api.post("/auth/register", { body: { ...wrong, password, username: "Ada" } }));
    const { status, json } = await api.post("/oauth/token", { form: { grant_type: "client_credentials" } });
    expect([status, json.error]).toEqual([503, "temporarily_unavailable"]);
  });

  test("sessions are refreshed all the same, once the time for trying is up", async () => {
    const { cookie } = await newDevice(api);
    once(server, counts, () => ({ error: { number: 229, message: "permission denied" } }));
    logLines.length = 0;
    expect((await refresh(api, cookie)).status).toBe(200);
    expect(logLines.some((line) => line.includes("limits.not_counted"))).toBe(true);
  });

  test("within a transaction that failed, its connection is closed, and the next call gets another one", async () => {
    const counter = createDatabaseCounter(connectTo(server.port, { poolMax: 1, statementTimeoutSeconds: 15 }));
    const count = () => counter.count([{ bucket: Buffer.alloc(32), windowSeconds: 60 }], clock.now());
    await count();
    const logins = server.logins.length;
    once(server, counts, () => ({ error: { number: 229, message: "permission denied" }, transaction: ["begin"] }));
    await expect(count()).rejects.toMatchObject({ code: "DATABASE_UNAVAILABLE" });
    expect(await count()).toMatchObject([{ used: 2 }]);
    expect(server.logins.length).toBe(logins + 1);
  });

  test.each(lostAnswers)("an answer lost %s is asked for again, and counts once more at most", async (_when, reply) => {
    once(server, counts, reply);
    const first = await login();
    expect(first.status).toBe(401);
    expect(Number(/;r=(\d)/.exec(first.headers.get("ratelimit") ?? "")?.[1])).toBeGreaterThanOrEqual(3);
    const others: number[] = [];
    for (let one = 0; one < 5; one += 1) others.push((await login()).status);
    expect(others.filter((status) => status === 401).length).toBeLessThanOrEqual(4);
  });
});
