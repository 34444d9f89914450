import { generateKeyPair, SignJWT } from "jose";
import { beforeEach, describe, expect, test } from "vitest";
import { hasDotnet } from "../../../tools/dotnet.ts";
import { compileFragments, issuer } from "../../support/apim/fragments.ts";
import type { GatewayAnswer } from "../../support/apim/gateway.ts";
import { clientToken, claimsOf, newClient } from "../../support/clients.ts";
import { newDevice } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const isThere = hasDotnet();
if (!isThere) console.log("The policies of API Management were not run: they need the .NET SDK 10 (dotnet).");

const service = await startService();
const { api, clock, services, url } = service;
let isAway = false;
let forged: string | undefined;
const fetchFromService = async (address: string) => {
  if (isAway) return { status: 0, body: "" };
  const path = address.replace(issuer, "");
  const response = await fetch(url + path);
  return { status: response.status, body: path.endsWith("token-status") && forged ? forged : await response.text() };
};

describe.skipIf(!isThere)("API Management with the fragments", { timeout: 300_000 }, () => {
  const gatewayOf = isThere ? compileFragments() : undefined;
  let gateway = gatewayOf?.({ now: clock.now, fetch: fetchFromService });
  const call = async (token?: string, headers = {}): Promise<GatewayAnswer> => {
    const bearer = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const answer = await gateway?.handle({ ...bearer, ...headers });
    if (!answer) throw new Error("no gateway");
    return answer;
  };
  const outcome = async (token?: string, headers = {}) => {
    const { status, body } = await call(token, headers);
    return [status, body === "" ? undefined : (JSON.parse(body) as { error_code: string }).error_code];
  };
  const passed = [200, undefined];
  const refused = [401, "UNAUTHENTICATED"];

  beforeEach(() => {
    isAway = false;
    forged = undefined;
    clock.advance(3600);
    gateway = gatewayOf?.({ now: clock.now, fetch: fetchFromService });
  });

  test("let through who is signed in, and clients with tokens of their own", async () => {
    expect(await outcome((await newDevice(api)).accessToken)).toEqual(passed);
    expect(await outcome(await clientToken(api, await newClient(service)))).toEqual(passed);
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
    const signer = await services.signingKeys.current(clock.now());
    const idToken = await signer.sign({ typ: "JWT" }, read(payload));
    const list = (await api.get("/.well-known/token-status")).json as string;
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

  test("fetch the list once in 45 seconds, however many call", async () => {
    const { accessToken } = await newDevice(api);
    for (let second = 0; second < 90; second += 1) {
      await outcome(accessToken);
      clock.advance(1);
    }
    expect(gateway?.fetched.filter((address) => address.endsWith("token-status"))).toHaveLength(2);
    expect(gateway?.fetched.filter((address) => address.endsWith("jwks.json"))).toHaveLength(1);
  });

  test("read a list of many blocks: every place of a hundred thousand is where it belongs", async () => {
    const { accessToken } = await newDevice(api);
    const signer = await services.signingKeys.current(clock.now());
    const ended = [0, 7, 523_999, 524_000, 524_287, 524_288, 1_000_001];
    const sessions = services.sessions as { endedSince: unknown; highestStatusIndex: unknown };
    const { endedSince, highestStatusIndex } = services.sessions;
    Object.assign(sessions, { endedSince: async () => ended, highestStatusIndex: async () => 1_000_001 });
    const at = (idx: number) =>
      signer.sign({ typ: "at+jwt" }, { ...claimsOf(accessToken), status: { status_list: { idx, uri: "" } } });
    for (const index of ended) {
      expect(await outcome(await at(2 * index)), String(index)).toEqual(refused);
      expect(await outcome(await at(2 * index + 1)), `beside ${index}`).toEqual(passed);
    }
    expect(await outcome(await at(1_000_000_000)), "beyond the list").toEqual([503, "TOKEN_STATUS_UNAVAILABLE"]);
    Object.assign(sessions, { endedSince, highestStatusIndex });
  });

  test("with Latchkey away, go on for 45 seconds, then say 503 rather than let ended tokens pass", async () => {
    const { accessToken } = await newDevice(api);
    expect(await outcome(accessToken)).toEqual(passed);
    isAway = true;
    clock.advance(44);
    expect(await outcome(accessToken)).toEqual(passed);
    clock.advance(2);
    const answer = await call(accessToken);
    expect([answer.status, JSON.parse(answer.body).error_code]).toEqual([503, "TOKEN_STATUS_UNAVAILABLE"]);
    expect(answer.headers["Retry-After"]).toBe("5");
    isAway = false;
    expect(await outcome(accessToken)).toEqual(passed);
  });

  test("take no list that is forged, of another kind, or too old, from the network or from the cache", async () => {
    const { accessToken } = await newDevice(api);
    const good = (await api.get("/.well-known/token-status")).json as string;
    const signer = await services.signingKeys.current(clock.now());
    const elsewhere = await signer.sign({ typ: "statuslist+jwt" }, { ...claimsOf(good), sub: `${issuer}/other` });
    const notAList = await signer.sign({ typ: "at+jwt" }, claimsOf(good));
    for (const list of [`${good.slice(0, -4)}AAAA`, elsewhere, notAList, accessToken, "x"]) {
      forged = list;
      expect((await outcome(accessToken))[0], list.slice(0, 60)).toBe(503);
      forged = undefined;
      gateway?.poison("latchkey-token-status", list);
      expect((await outcome(accessToken))[0]).toBe(503);
      gateway?.restart();
    }
    clock.advance(361);
    gateway?.poison("latchkey-token-status", good);
    expect((await outcome(accessToken))[0]).toBe(503);
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
