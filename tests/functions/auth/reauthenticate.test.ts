import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { toEpochSeconds } from "../../../shared/platform/clock.ts";
import {
  meStatus,
  newDevice,
  password,
  refresh,
  refreshed,
  signIn,
  toDevice,
  type Device,
} from "../../support/people.ts";
import { createBrowser, startSocialService, whoIs } from "../../support/social.ts";

const service = await startSocialService();
const { api, clock, issuer, exchange, logLines } = service;

const reauthenticate = ({ accessToken: bearer, cookie }: Device, body: object = { password }, headers = {}) =>
  api.post("/auth/reauthenticate", { bearer, cookie, body, headers });
const claims = (token: string) => decodeJwt<{ auth_time: number; acr: string; amr: string[]; sid: string }>(token);
const nowSeconds = () => toEpochSeconds(clock.now());

describe("15.2 POST /auth/reauthenticate", () => {
  test("answers as refresh does, and the session's tokens say from then on when that was", async () => {
    const device = await newDevice(api);
    const signedInAt = nowSeconds();
    clock.advance(3600);
    expect(claims((await refreshed(api, device)).accessToken).auth_time).toBe(signedInAt);
    const again = await signIn(api, device.email);
    clock.advance(3600);
    const { accessToken } = await refreshed(api, again);
    const answer = await reauthenticate({ ...again, accessToken });
    expect([answer.status, Object.keys(answer.json.data)]).toEqual([
      200,
      ["access_token", "token_type", "expires_in", "user"],
    ]);
    const after = toDevice(device.email, answer);
    expect(claims(after.accessToken)).toMatchObject({
      auth_time: nowSeconds(),
      acr: "aal1",
      amr: ["pwd"],
      sid: claims(again.accessToken).sid,
    });
    const provenAt = nowSeconds();
    clock.advance(600);
    expect(claims((await refreshed(api, after)).accessToken).auth_time).toBe(provenAt);
  });

  test("with the token in the body its successor comes in the body, and the old one has been used", async () => {
    const { accessToken: bearer, refreshToken } = await newDevice(api);
    const body = { password, refresh_token: refreshToken };
    const answer = await api.post("/auth/reauthenticate", { bearer, body });
    expect([answer.status, answer.setCookies]).toEqual([200, []]);
    expect(answer.json.data.refresh_token).toMatch(/^[\w-]{43}$/);
    const repeat = await api.post("/auth/reauthenticate", { bearer, body });
    expect(repeat.json.data.refresh_token).toBe(answer.json.data.refresh_token);
    clock.advance(11);
    const late = await api.post("/auth/reauthenticate", { bearer, body });
    expect([late.status, late.json.error_code]).toEqual([403, "SESSION_PROOF_REQUIRED"]);
    // A late reuse ends the session here as it does at refresh.
    expect((await api.get("/auth/me", { bearer })).status).toBe(401);
    expect(logLines.filter((line) => line.includes("session.reuse_detected"))).toHaveLength(1);
  });

  test("20 at once with one token: one successor", async () => {
    const device = await newDevice(api);
    const answers = await Promise.all(Array.from({ length: 20 }, () => reauthenticate(device)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(answers.map(({ cookie }) => cookie)).size).toBe(1);
  });

  test("a wrong password: 401, nothing is used up, and it is audited with who and where", async () => {
    const device = await newDevice(api);
    const answer = await reauthenticate(device, { password: "not the password at all" });
    expect([answer.status, answer.json.error_code, answer.setCookies]).toEqual([401, "INVALID_CREDENTIALS", []]);
    const event = logLines.findLast((line) => line.includes("session.reauthentication_failed"));
    expect(event).toContain(claims(device.accessToken).sid);
    expect((await refresh(api, device.cookie)).status).toBe(200);
  });

  test("a fresh id_token of an identity of the account; amr names no method of RFC 8176 for it", async () => {
    const person = { sub: "again", email: "again@example.com", email_verified: true };
    const { data } = (await exchange(person)).json;
    clock.advance(1200);
    const body = { provider: "acme", refresh_token: data.refresh_token, nonce: "m" };
    const proof = { ...body, id_token: await issuer.idToken({ nonce: "m", ...person }) };
    const answer = await api.post("/auth/reauthenticate", { bearer: data.access_token, body: proof });
    expect([answer.status, claims(answer.json.data.access_token)]).toMatchObject([
      200,
      { auth_time: nowSeconds(), acr: "aal1", amr: [] },
    ]);
  });

  test("an id_token that is older than the limit, and one of another's identity, prove nothing", async () => {
    const person = { sub: "older", email: "older@example.com", email_verified: true };
    const { data } = (await exchange(person)).json;
    const post = async (claimed: object) =>
      api.post("/auth/reauthenticate", {
        bearer: data.access_token,
        body: {
          provider: "acme",
          id_token: await issuer.idToken({ nonce: "m", ...claimed }),
          nonce: "m",
          refresh_token: data.refresh_token,
        },
      });
    const old = await post({ ...person, iat: nowSeconds() - 301, exp: nowSeconds() + 300 });
    expect([old.status, old.json.error_code]).toEqual([403, "REAUTHENTICATION_REQUIRED"]);
    await exchange({ sub: "somebody else" });
    for (const sub of ["somebody else", "nobody yet"]) {
      const foreign = await post({ sub });
      expect([foreign.status, foreign.json.error_code]).toEqual([401, "PROVIDER_TOKEN_INVALID"]);
    }
    expect((await post({ ...person, iat: nowSeconds() - 300 })).status).toBe(200);
  });

  test.each([
    ["an hour ago", -3600, 403],
    ["5 minutes ago", -300, 200],
    ["later, by a clock that is ahead", 30, 200],
    ["null", null, 200],
    ["a text", "yesterday", 403],
    ["beyond all dates", 1e300, 403],
    ["before 1970", -1e15, 403],
  ])("auth_time %s: the provider's open session is no sign-in", async (_when, value, status) => {
    const person = { sub: "with auth_time" };
    const { data } = (await exchange(person)).json;
    const isOffset = typeof value === "number" && Math.abs(value) < 1e6;
    const authTime = isOffset ? nowSeconds() + value : value;
    const idToken = await issuer.idToken({ nonce: "m", ...person, auth_time: authTime });
    const body = { provider: "acme", id_token: idToken, nonce: "m", refresh_token: data.refresh_token };
    const answer = await api.post("/auth/reauthenticate", { bearer: data.access_token, body });
    expect(answer.status).toBe(status);
    if (status === 403) expect(answer.json.error_code).toBe("REAUTHENTICATION_REQUIRED");
    else expect(claims(answer.json.data.access_token).auth_time).toBeLessThanOrEqual(nowSeconds());
  });

  test("a sign-in by way of a provider's open session was then, and max_age asks the provider for another", async () => {
    const browser = createBrowser();
    issuer.person = { sub: "sso", auth_time: nowSeconds() - 7200 };
    const back = await service.authorize(browser);
    await browser.visit(back);
    const session = await whoIs(service, browser);
    expect(claims(session?.access_token ?? "").auth_time).toBe(nowSeconds() - 7200);
    for (const [asked, expected] of [
      ["max_age=0", "0"],
      ["max_age=300", "300"],
      ["", null],
    ] as const) {
      const answer = await api.get(`/auth/oauth/acme/authorize?${asked}`);
      expect(new URL(answer.headers.get("location") ?? "").searchParams.get("max_age")).toBe(expected);
    }
    for (const wrong of ["max_age=-1", "max_age=1e3", "max_age=", "max_age=1&max_age=2"]) {
      const answer = await api.get(`/auth/oauth/acme/authorize?${wrong}`);
      expect([answer.status, answer.json.details.fields[0].field]).toEqual([422, "max_age"]);
    }
  });

  test("an account without a password is not proven by one", async () => {
    const { data } = (await exchange({ sub: "without", email: "without@example.com", email_verified: true })).json;
    const body = { password, refresh_token: data.refresh_token };
    const answer = await api.post("/auth/reauthenticate", { bearer: data.access_token, body });
    expect([answer.status, answer.json.error_code]).toEqual([401, "INVALID_CREDENTIALS"]);
  });

  test.each([
    [{}, "password"],
    [{ provider: "acme" }, "code"],
    [{ password, provider: "acme" }, "provider"],
    [{ password, id_token: "x", nonce: "n" }, "id_token"],
    [{ id_token: "x", nonce: "n" }, "password"],
    [{ provider: "acme", code: "x" }, "redirect_uri"],
    [{ password, scope: "all" }, "scope"],
    [{ provider: "acme", access_token: "x" }, "access_token"],
  ])("%j is refused and named: %s", async (body, field) => {
    const device = await newDevice(api);
    const answer = await reauthenticate(device, body);
    expect([answer.status, answer.json.details.fields[0].field]).toEqual([422, field]);
    expect(await meStatus(api, device)).toBe(200);
  });

  test("an unknown provider: 404; a foreign page: 403; no bearer: 401", async () => {
    const device = await newDevice(api);
    const unknown = await reauthenticate(device, { provider: "nobody", id_token: "x", nonce: "n" });
    expect([unknown.status, unknown.json.error_code]).toEqual([404, "PROVIDER_NOT_CONFIGURED"]);
    const foreign = await reauthenticate(device, { password }, { Origin: "https://evil.example" });
    expect([foreign.status, foreign.json.error_code]).toEqual([403, "ORIGIN_NOT_ALLOWED"]);
    expect((await api.post("/auth/reauthenticate", { cookie: device.cookie, body: { password } })).status).toBe(401);
  });
});

describe("15.9 a login in a browser that holds a session (ASVS 7.2.4)", () => {
  const login = (email: string, cookie: string, body: object = {}) =>
    api.post("/auth/login", { cookie, body: { email, password, ...body } });

  test("ends that session, whosever it was, and tells why", async () => {
    const [device, other] = [await newDevice(api), await newDevice(api)];
    for (const { email } of [device, other]) {
      const held = await signIn(api, device.email);
      const answer = await login(email, held.cookie);
      expect(answer.status).toBe(200);
      expect([await meStatus(api, held), (await refresh(api, held.cookie)).status]).toEqual([401, 401]);
      expect(await meStatus(api, toDevice(email, answer))).toBe(200);
      const event = logLines.findLast((line) => line.includes("signed in anew"));
      expect(event).toContain(claims(held.accessToken).sid);
    }
    // The other devices of the account stay signed in.
    expect([await meStatus(api, device), await meStatus(api, other)]).toEqual([200, 200]);
  });

  test("by the body too, and the cookie goes", async () => {
    const held = await newDevice(api);
    const answer = await login(held.email, held.cookie, { transport: "body" });
    expect(answer.setCookies[0]).toMatch(/^refresh_token=; Max-Age=0;/i);
    expect(await meStatus(api, held)).toBe(401);
    expect((await api.get("/auth/me", { bearer: answer.json.data.access_token })).status).toBe(200);
  });

  test("one that fails ends nothing", async () => {
    const held = await newDevice(api);
    expect((await login(held.email, held.cookie, { password: "wrong wrong wrong" })).status).toBe(401);
    expect(await meStatus(api, held)).toBe(200);
  });

  test("a sign-in at a provider ends it as well", async () => {
    const held = await newDevice(api);
    const idToken = await issuer.idToken({ nonce: "n", sub: "replacing" });
    const body = { id_token: idToken, nonce: "n" };
    expect((await api.post("/auth/oauth/acme", { cookie: held.cookie, body })).status).toBe(200);
    expect(await meStatus(api, held)).toBe(401);
  });
});
