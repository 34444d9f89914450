import { inflateSync } from "node:zlib";
import { createLocalJWKSet, jwtVerify } from "jose";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { DatabaseUnavailable } from "../../../shared/platform/database/errors.ts";
import { createServices, provideServices } from "../../../shared/services.ts";
import type { Tables } from "../../../shared/sessions/tables.ts";
import { clientToken, claimsOf, disableClient, newClient } from "../../support/clients.ts";
import { newDevice, refreshed } from "../../support/people.ts";
import { startService } from "../../support/service.ts";
import { testSettings } from "../../support/settings.ts";

const service = await startService();
const { api, clock, services, database } = service;
const issuer = "http://localhost:7071";
const whole = `${issuer}/.well-known/token-status`;
const uri = `${whole}/0`;

const statusOf = (accessToken: string): { idx: number; uri: string } => claimsOf(accessToken).status.status_list;
const placeOf = (accessToken: string): string => Object.values(statusOf(accessToken)).join(" of ");
/** What a gateway reads of these tokens once its copies of the lists are new. */
async function bits(...accessTokens: string[]): Promise<number[]> {
  clock.advance(10);
  const read: number[] = [];
  for (const { idx, uri: from } of accessTokens.map(statusOf)) read.push((await fetchList(from)).bit(idx));
  return read;
}

afterEach(() => provideServices(services));

describe("GET /.well-known/token-status/{shard} (IETF Token Status List)", () => {
  test("is a signed list that caches may keep for 45 seconds", async () => {
    const { payload, headers } = await fetchList();
    const now = clock.now().getTime() / 1000;
    expect(payload).toEqual({
      iss: "http://localhost:7071",
      sub: uri,
      iat: now,
      exp: now + 300,
      ttl: 45,
      status_list: { bits: 1, lst: expect.any(String) },
    });
    expect(headers.get("cache-control")).toBe("public, max-age=45");
    expect(headers.get("access-control-allow-origin"), "for caches that ignore Vary, also unasked").toBe("*");
    const lst = Buffer.from(payload.status_list.lst, "base64url");
    expect([lst[0], lst[1], lst[2]], "ZLIB with stored blocks").toEqual([0x78, 0x01, 1]);
  });

  test("it is not taken for an access token, which it is not", async () => {
    const { token } = await fetchList();
    expect((await api.get("/auth/me", { bearer: token })).status).toBe(401);
    expect(claimsOf(token)).not.toHaveProperty("aud");
  });

  test("is the same for 10 seconds, then made anew; asked by 50 at once it is made once", async () => {
    clock.advance(10);
    const tokens = await Promise.all(
      Array.from({ length: 50 }, async () => (await api.get("/.well-known/token-status/0")).json),
    );
    expect(new Set(tokens).size).toBe(1);
    clock.advance(9.999);
    expect((await fetchList()).token).toBe(tokens[0]);
    clock.advance(0.001);
    expect((await fetchList()).token).not.toBe(tokens[0]);
  });

  test("a session has one place for all of its access tokens; logging out sets its bit and no other", async () => {
    const [one, other] = [await newDevice(api), await newDevice(api)];
    const next = await refreshed(api, one);
    expect(placeOf(next.accessToken)).toBe(placeOf(one.accessToken));
    expect(placeOf(other.accessToken)).not.toBe(placeOf(one.accessToken));
    expect(await bits(one.accessToken, other.accessToken)).toEqual([0, 0]);
    await api.post("/auth/logout", { bearer: next.accessToken });
    expect(await bits(one.accessToken, other.accessToken)).toEqual([1, 0]);
  });

  test("a detected reuse, and a revocation, set it too", async () => {
    const [reused, revoked] = [await newDevice(api), await newDevice(api)];
    await refreshed(api, reused);
    clock.advance(11);
    await api.post("/auth/refresh", { cookie: reused.cookie });
    await api.post("/oauth/revoke", { form: { token: revoked.refreshToken, client_id: "web" } });
    expect(await bits(reused.accessToken, revoked.accessToken)).toEqual([1, 1]);
  });

  test("of a client, one token is revoked alone, and all when it is disabled", async () => {
    const client = await newClient(service);
    const [one, two] = [await clientToken(api, client), await clientToken(api, client)];
    await api.post("/oauth/revoke", { form: { token: one }, headers: client.basic });
    expect(await bits(one, two)).toEqual([1, 0]);
    await disableClient(service, client.id);
    expect(await bits(one, two)).toEqual([1, 1]);
    clock.advance(1800 + 120);
    expect(await bits(one, two), "expired long since").toEqual([0, 0]);
  });

  test("a session of before there was a list gets its place at its next refresh", async () => {
    const device = await newDevice(api);
    const { sid } = claimsOf(device.accessToken);
    const db = services.database.queries.withTables<Tables>();
    await db.updateTable("sessions").set({ status_index: null }).where("id", "=", sid).execute();
    const next = await refreshed(api, device);
    expect(await bits(next.accessToken)).toEqual([0]);
    await api.post("/auth/logout", { bearer: next.accessToken });
    expect(await bits(next.accessToken)).toEqual([1]);
  });

  test("a bit stays until the last access token has expired, with the skew of others, and is then cleared", async () => {
    const device = await newDevice(api);
    await api.post("/auth/logout", { bearer: device.accessToken });
    clock.advance(1800 + 60);
    expect(await bits(device.accessToken)).toEqual([1]);
    clock.advance(60);
    expect(await bits(device.accessToken)).toEqual([0]);
  });

  test("where ACCESS_TOKEN_EXPIRE_MINUTES was lowered, for as long as the longer tokens live", async () => {
    const generous = createServices(
      loadConfig({ ...testSettings, ...database, ACCESS_TOKEN_EXPIRE_MINUTES: "120" }),
      clock,
    );
    provideServices(generous);
    const device = await newDevice(api);
    provideServices(services);
    await api.post("/auth/logout", { bearer: device.accessToken });
    clock.advance(7200);
    expect(await bits(device.accessToken)).toEqual([1]);
    await generous.close();
  });

  test("two instances never give one place to two sessions", async () => {
    const second = createServices(loadConfig({ ...testSettings, ...database }), clock);
    const places: string[] = [];
    for (let round = 0; round < 60; round += 1) {
      provideServices(round % 2 === 0 ? services : second);
      places.push(placeOf((await newDevice(api)).accessToken));
    }
    expect(new Set(places).size).toBe(60);
    await second.close();
  });

  test("with the database away, the last list is served for some minutes, then 503", async () => {
    clock.advance(10);
    const { token } = await fetchList();
    const { endedSince } = services.sessions;
    const sessions = services.sessions as { endedSince: typeof endedSince };
    onTestFinished(() => void (sessions.endedSince = endedSince));
    clock.advance(10);
    const away = new DatabaseUnavailable(undefined, { isTransient: true, reason: "a test" });
    for (const outage of [() => Promise.reject(away), () => sleep(1500).then(() => Promise.reject(away))]) {
      sessions.endedSince = outage;
      expect((await api.get("/.well-known/token-status/0")).json).toBe(token);
    }
    clock.advance(244.999);
    expect((await api.get("/.well-known/token-status/0")).json).toBe(token);
    clock.advance(0.001);
    const { status, json } = await api.get("/.well-known/token-status/0");
    expect([status, json.error_code]).toEqual([503, "DATABASE_UNAVAILABLE"]);
  });

  test("with the database slow, the list is waited for: an old one would hide what was ended", async () => {
    const device = await newDevice(api);
    expect(await bits(device.accessToken)).toEqual([0]);
    await api.post("/auth/logout", { bearer: device.accessToken });
    const { endedSince } = services.sessions;
    const sessions = services.sessions as { endedSince: typeof endedSince };
    onTestFinished(() => void (sessions.endedSince = endedSince));
    sessions.endedSince = (...of) => sleep(1300).then(() => endedSince(...of));
    expect(await bits(device.accessToken)).toEqual([1]);
  });

  test("with HS256 there is none, and tokens name no place", async () => {
    const symmetric = createServices(loadConfig({ ...testSettings, ...database, ALGORITHM: "HS256" }), clock);
    provideServices(symmetric);
    const { status, json } = await api.get("/.well-known/token-status/0");
    expect([status, json.error_code]).toEqual([404, "NOT_FOUND"]);
    expect(claimsOf((await newDevice(api)).accessToken)).not.toHaveProperty("status");
    await symmetric.close();
  });

  test("tokens end with their session: the absolute limit needs no bit", async () => {
    const brief = createServices(
      loadConfig({
        ...testSettings,
        ...database,
        SESSION_ABSOLUTE_DAYS: "1",
        REFRESH_TOKEN_EXPIRE_DAYS: "1",
        ACCESS_TOKEN_EXPIRE_MINUTES: "1440",
      }),
      clock,
    );
    provideServices(brief);
    const device = await newDevice(api);
    clock.advance(86_400 - 600);
    const answer = await api.post("/auth/refresh", { cookie: device.cookie });
    const { exp, iat } = claimsOf(answer.json.data.access_token);
    expect([answer.json.data.expires_in, exp - iat]).toEqual([600, 600]);
    await brief.close();
  });
});

/** Fetches a list and verifies it as a gateway does. */
async function fetchList(from = uri) {
  const { status, json: token, headers } = await api.get(from.replace(issuer, ""));
  expect([status, headers.get("content-type")]).toEqual([200, "application/statuslist+jwt"]);
  const keys = createLocalJWKSet((await api.get("/.well-known/jwks.json")).json);
  const options = { typ: "statuslist+jwt", subject: from, currentDate: clock.now() };
  const { payload } = await jwtVerify<{ status_list: { bits: number; lst: string } }>(token, keys, options);
  const bytes = inflateSync(Buffer.from(payload.status_list.lst, "base64url"));
  const bit = (index: number) => ((bytes[index >> 3] ?? Number.NaN) >> (index & 7)) & 1;
  return { token, payload, headers, bytes, bit };
}
