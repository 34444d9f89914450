import { describe, expect, test } from "vitest";
import type { ApiRequest } from "../../support/api.ts";
import { clientToken, claimsOf, newClient } from "../../support/clients.ts";
import { meStatus, newDevice, refresh, refreshed } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const service = await startService();
const { api, clock, services, logLines } = service;
const [client, other] = [await newClient(service), await newClient(service)];

const revoke = async (form: Record<string, string>, request: ApiRequest = {}) => {
  const { status, json } = await api.post("/oauth/revoke", { form, ...request });
  return [status, json.error];
};
const done = [200, undefined];
const isLive = (token: string) => {
  const { jti: id, client_id: clientId } = claimsOf(token);
  return services.clients.tokens.isLive({ id, clientId }, clock.now());
};

describe("POST /oauth/revoke (RFC 7009)", () => {
  test.each(["refreshToken", "accessToken"] as const)(
    "the first-party client ends a session by its %s",
    async (kind) => {
      const device = await newDevice(api);
      logLines.length = 0;
      expect(await revoke({ token: device[kind], client_id: "web", token_type_hint: "whatever" })).toEqual(done);
      expect(logLines.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({
          event: "audit",
          type: "session.ended",
          session_id: claimsOf(device.accessToken).sid,
        }),
      ]);
      expect([await meStatus(api, device), (await refresh(api, device.cookie)).status]).toEqual([401, 401]);
      expect(await revoke({ token: device[kind], client_id: "web" }), "again").toEqual(done);
    },
  );

  test("a refresh token that was used long ago is a reuse here too", async () => {
    const device = await newDevice(api);
    const next = await refreshed(api, device);
    clock.advance(11);
    logLines.length = 0;
    expect(await revoke({ token: device.refreshToken, client_id: "web" })).toEqual(done);
    expect(logLines.join()).toContain("session.reuse_detected");
    expect(await meStatus(api, next)).toBe(401);
  });

  test("a client ends one of its own tokens, and no other", async () => {
    const [one, two] = [await clientToken(api, client), await clientToken(api, client)];
    expect(await revoke({ token: one }, { headers: client.basic })).toEqual(done);
    expect([await isLive(one), await isLive(two)]).toEqual([false, true]);
  });

  test("another client's token: invalid_grant, and nothing is revoked", async () => {
    const device = await newDevice(api);
    const token = await clientToken(api, other);
    for (const foreign of [token, device.accessToken, device.refreshToken])
      expect(await revoke({ token: foreign }, { headers: client.basic })).toEqual([400, "invalid_grant"]);
    expect(await revoke({ token, client_id: "web" })).toEqual([400, "invalid_grant"]);
    expect([await isLive(token), await meStatus(api, device)]).toEqual([true, 200]);
    expect((await refresh(api, device.cookie)).status).toBe(200);
  });

  test.each(["x", "a.b.c", "x".repeat(43)])("an unknown token is as good as revoked: %s", async (token) => {
    expect(await revoke({ token, client_id: "web" })).toEqual(done);
    expect(await revoke({ token }, { headers: client.basic })).toEqual(done);
  });

  test("by fifty at once, a token is revoked and each hears 200", async () => {
    const token = await clientToken(api, client);
    logLines.length = 0;
    const all = await Promise.all(Array.from({ length: 50 }, () => revoke({ token }, { headers: client.basic })));
    expect(all).toEqual(Array.from({ length: 50 }, () => done));
    const audited = logLines.map((line) => JSON.parse(line)).filter(({ type }) => type === "client.token_revoked");
    expect(audited).toEqual([expect.objectContaining({ client_id: client.id, jti: claimsOf(token).jti })]);
    expect(await isLive(token)).toBe(false);
  });

  test("without a client, or without a token, nothing happens", async () => {
    const device = await newDevice(api);
    expect(await revoke({ token: device.refreshToken })).toEqual([401, "invalid_client"]);
    expect(await revoke({ client_id: "web" })).toEqual([400, "invalid_request"]);
    expect(await meStatus(api, device)).toBe(200);
  });

  test("the refresh cookie is not looked at: another site's page cannot sign anybody out", async () => {
    const device = await newDevice(api);
    expect(await revoke({ client_id: "web" }, { cookie: device.cookie })).toEqual([400, "invalid_request"]);
    expect(await meStatus(api, device)).toBe(200);
  });
});
