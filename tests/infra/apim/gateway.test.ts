import { generateKeyPair, SignJWT } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { passed, refused, startGuardedApi } from "../../support/apim/guarded-api.ts";
import { clientToken, newClient } from "../../support/clients.ts";
import { newDevice } from "../../support/people.ts";

const guarded = await startGuardedApi();
const { api, clock, services } = guarded.service;

describe.skipIf(!guarded.isThere)("API Management with the fragments", { timeout: 300_000 }, () => {
  const { call, outcome } = guarded;

  beforeEach(() => {
    clock.advance(3600);
    guarded.renew();
  });

  test("let through who is signed in, and clients with tokens of their own", async () => {
    expect(await outcome((await newDevice(api)).accessToken)).toEqual(passed);
    expect(await outcome(await clientToken(api, await newClient(guarded.service)))).toEqual(passed);
    expect(await outcome(undefined, { authorization: `bearer ${(await newDevice(api)).accessToken}` })).toEqual(passed);
  });

  test("answer what they refuse in the envelope, with WWW-Authenticate", async () => {
    const anonymous = await call();
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers).toEqual({ "WWW-Authenticate": "Bearer", "Content-Type": "application/json" });
    expect(JSON.parse(anonymous.body)).toEqual({
      success: false,
      status_code: 401,
      message: "A valid access token is required",
      error_code: "UNAUTHENTICATED",
      details: {},
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect((await call("a.b.c")).headers["WWW-Authenticate"]).toBe('Bearer error="invalid_token"');
  });

  test("refuse an expired token by name, with 60 seconds of skew", async () => {
    const { accessToken } = await newDevice(api);
    clock.advance(1859);
    expect(await outcome(accessToken)).toEqual(passed);
    clock.advance(1);
    expect(await outcome(accessToken)).toEqual([401, "TOKEN_EXPIRED"]);
  });

  test("refuse what is forged, of another kind, or two at once", async () => {
    const { accessToken } = await newDevice(api);
    const [header = "", payload = "", signature = ""] = accessToken.split(".");
    const thief = await generateKeyPair("RS256");
    const read = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString());
    const stolen = await new SignJWT(read(payload)).setProtectedHeader(read(header)).sign(thief.privateKey);
    const signer = await services.tokens.keys.current(clock.now());
    const idToken = await signer.sign({ typ: "JWT" }, read(payload));
    const list = (await api.get("/.well-known/token-status/0")).json as string;
    const elsewhere = await signer.sign({ typ: "at+jwt" }, { ...read(payload), aud: "https://other.example" });
    for (const token of [stolen, idToken, list, elsewhere, `${header}.${payload}.`, "", "x", `${accessToken}.x`])
      expect(await outcome(token), token).toEqual(refused);
    expect(await outcome(`${accessToken},Bearer ${stolen}`)).toEqual(refused);
    expect(await outcome(undefined, { Authorization: `Basic ${accessToken}` })).toEqual(refused);
    expect(await outcome(`${header}.${payload}.${signature}`)).toEqual(passed);
  });

  test("refuse an ended session within 60 seconds, and no other one", async () => {
    const [one, other] = [await newDevice(api), await newDevice(api)];
    expect([await outcome(one.accessToken), await outcome(other.accessToken)]).toEqual([passed, passed]);
    await api.post("/auth/logout", { bearer: one.accessToken });
    clock.advance(60);
    expect([await outcome(one.accessToken), await outcome(other.accessToken)]).toEqual([refused, passed]);
    expect((await call(one.accessToken)).headers["WWW-Authenticate"]).toBe('Bearer error="invalid_token"');
  });

  test("limit each caller to 300 calls a minute, and say when to come back", async () => {
    const [one, other] = [await newDevice(api), await newDevice(api)];
    for (let count = 0; count < 300; count += 1) await call(one.accessToken);
    clock.advance(20);
    const answer = await call(one.accessToken);
    expect([answer.status, JSON.parse(answer.body).error_code, answer.headers["Retry-After"]]).toEqual([
      429,
      "RATE_LIMITED",
      "40",
    ]);
    expect(await outcome(other.accessToken)).toEqual(passed);
    clock.advance(41);
    expect(await outcome(one.accessToken)).toEqual(passed);
  });
});
