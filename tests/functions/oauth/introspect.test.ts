import { describe, expect, test } from "vitest";
import { toEpochSeconds } from "../../../shared/platform/clock.ts";
import { clientToken, claimsOf, disableClient, newClient, type TestClient } from "../../support/clients.ts";
import { newDevice, refreshed } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const service = await startService();
const { api, clock, services } = service;
const [gateway, client, other] = [
  await newClient(service, "introspect"),
  await newClient(service),
  await newClient(service),
];

const introspect = async (token: string, { basic }: TestClient = gateway, hint = {}) => {
  const answer = await api.post("/oauth/introspect", { form: { token, ...hint }, headers: basic });
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
  return answer.json;
};

describe("POST /oauth/introspect (RFC 7662)", () => {
  test("an access token of a sign-in, for a client with the scope introspect", async () => {
    const device = await newDevice(api);
    const { status: _status, ...claims } = claimsOf(device.accessToken);
    expect(await introspect(device.accessToken)).toEqual({ active: true, token_type: "Bearer", ...claims });
  });

  test("a client's own access token, for itself and for whoever has the scope", async () => {
    const token = await clientToken(api, client);
    const { status: _status, ...claims } = claimsOf(token);
    expect(await introspect(token, client)).toEqual({ active: true, token_type: "Bearer", ...claims });
    expect(await introspect(token)).toMatchObject({ active: true });
  });

  test("a refresh token that a gateway was sent as an access token is not active", async () => {
    const { refreshToken } = await newDevice(api);
    for (const hint of [{}, { token_type_hint: "access_token" }, { token_type_hint: "whatever" }])
      expect(await introspect(refreshToken, gateway, hint)).toEqual({ active: false });
  });

  test("a refresh token that is asked for as one, as long as it may be used", async () => {
    const hint = { token_type_hint: "refresh_token" };
    const device = await newDevice(api);
    const { sub, sid } = claimsOf(device.accessToken);
    const exp = toEpochSeconds(clock.now()) + 7 * 86_400;
    const iss = "http://localhost:7071";
    expect(await introspect(device.refreshToken, gateway, hint)).toEqual({
      active: true,
      iss,
      sub,
      sid,
      client_id: "web",
      exp,
    });
    const next = await refreshed(api, device);
    clock.advance(11);
    expect(await introspect(device.refreshToken, gateway, hint)).toEqual({ active: false });
    expect((await introspect(next.refreshToken, gateway, hint)).active).toBe(true);
    expect(await introspect(next.refreshToken, client, hint)).toEqual({ active: false });
    expect((await introspect(next.accessToken, gateway, hint)).active, "a hint is no more than that").toBe(true);
  });

  test("without the scope, tokens of others are not active, with 200", async () => {
    const device = await newDevice(api);
    const token = await clientToken(api, other);
    for (const one of [device.accessToken, device.refreshToken, token])
      expect(await introspect(one, client)).toEqual({ active: false });
  });

  test("ended is not active: signed out, revoked, expired, of a disabled client", async () => {
    const device = await newDevice(api);
    await api.post("/auth/logout", { bearer: device.accessToken });
    const brief = await newClient(service);
    const [revoked, disabled] = [await clientToken(api, client), await clientToken(api, brief)];
    await services.clients.tokens.revoke({ id: claimsOf(revoked).jti, clientId: client.id }, clock.now());
    expect(await disableClient(service, brief.id)).toBe(1);
    for (const token of [device.accessToken, device.refreshToken, revoked, disabled])
      expect(await introspect(token)).toEqual({ active: false });
    const late = await newDevice(api);
    clock.advance(1800);
    expect(await introspect(late.accessToken), "no leeway for our own clock").toEqual({ active: false });
  });

  test.each(["", " ", "x", "a.b.c", "x".repeat(43), "x".repeat(10_000)])(
    "what is no token is not active: %j",
    async (token) => {
      if (token !== "") expect(await introspect(token)).toEqual({ active: false });
      else
        expect((await api.post("/oauth/introspect", { form: { token }, headers: gateway.basic })).json).toEqual({
          error: "invalid_request",
          error_description: "token is required",
        });
    },
  );

  test("a disabled client learns nothing, and its refusal is told in the log", async () => {
    const disabled = await newClient(service, "introspect");
    await disableClient(service, disabled.id);
    service.logLines.length = 0;
    const form = { token: (await newDevice(api)).accessToken };
    for (const path of ["/oauth/introspect", "/oauth/revoke"])
      expect((await api.post(path, { form, headers: disabled.basic })).json.error).toBe("invalid_client");
    const audited = service.logLines.map((line) => JSON.parse(line)).filter(({ type }) => type === "client.refused");
    expect(audited).toEqual([
      expect.objectContaining({ client_id: disabled.id, reason: "disabled" }),
      expect.objectContaining({ client_id: disabled.id, reason: "disabled" }),
    ]);
  });

  test("is for clients with a secret: neither for nobody nor for the public one", async () => {
    const device = await newDevice(api);
    for (const form of [{ token: device.accessToken }, { token: device.accessToken, client_id: "web" }]) {
      const { status, json } = await api.post("/oauth/introspect", { form });
      expect([status, json.error]).toEqual([401, "invalid_client"]);
    }
    const { status } = await api.post("/oauth/introspect", { form: { token: "x" }, bearer: device.accessToken });
    expect(status).toBe(401);
  });
});
