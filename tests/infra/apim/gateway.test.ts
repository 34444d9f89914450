import { generateKeyPair, SignJWT } from "jose";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
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
const lists = `${issuer}/.well-known/token-status`;
let isAway = false;
let forged: string | undefined;
const fetchFromService = async (address: string) => {
  if (isAway) return { status: 0, body: "" };
  const path = address.replace(issuer, "");
  const response = await fetch(url + path);
  return { status: response.status, body: path.includes("token-status") && forged ? forged : await response.text() };
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

  test("fetch the list once in 45 seconds, however many call", async () => {
    const { accessToken } = await newDevice(api);
    for (let second = 0; second < 90; second += 1) {
      await outcome(accessToken);
      clock.advance(1);
    }
    expect(gateway?.fetched.filter((address) => address === `${lists}/0`)).toHaveLength(2);
    expect(gateway?.fetched.filter((address) => address.endsWith("jwks.json"))).toHaveLength(1);
  });

  /** A token like this one, with its place elsewhere. */
  const placed = async (accessToken: string, statusList: object) => {
    const signer = await services.signingKeys.current(clock.now());
    return signer.sign({ typ: "at+jwt" }, { ...claimsOf(accessToken), status: { status_list: statusList } });
  };

  test("read a list of many blocks: every place of a hundred thousand is where it belongs", async () => {
    const { accessToken } = await newDevice(api);
    const ended = [0, 7, 523_999, 524_000, 524_287, 524_288, 1_000_001];
    const { endedSince, highestOfWholeList } = services.sessions;
    const sessions = services.sessions as object;
    onTestFinished(() => void Object.assign(sessions, { endedSince, highestOfWholeList }));
    Object.assign(sessions, { endedSince: async () => ended, highestOfWholeList: async () => 1_000_001 });
    const at = (idx: number) => placed(accessToken, { idx, uri: lists });
    for (const index of ended) {
      expect(await outcome(await at(2 * index)), String(index)).toEqual(refused);
      expect(await outcome(await at(2 * index + 1)), `beside ${index}`).toEqual(passed);
    }
    expect(await outcome(await at(1_000_000_000)), "beyond the list").toEqual([503, "TOKEN_STATUS_UNAVAILABLE"]);
  });

  test("15.4 follow a token to its own shard, and keep each for 45 seconds", async () => {
    const { accessToken } = await newDevice(api);
    const ended = [0, 65_535, 65_536, 131_071, 200_000];
    const { endedSince, highestStatusIndex } = services.sessions;
    const sessions = services.sessions as object;
    onTestFinished(() => void Object.assign(sessions, { endedSince, highestStatusIndex }));
    Object.assign(sessions, { endedSince: async () => ended, highestStatusIndex: async () => 200_000 });
    const at = (index: number) => {
      const place = 2 * index;
      return placed(accessToken, { idx: place % 131_072, uri: `${lists}/${Math.floor(place / 131_072)}` });
    };
    for (let round = 0; round < 2; round += 1) {
      for (const index of ended) {
        expect(await outcome(await at(index)), String(index)).toEqual(refused);
        expect(await outcome(await at(index + 1)), `beside ${index}`).toEqual(
          ended.includes(index + 1) ? refused : passed,
        );
      }
    }
    const asked = gateway?.fetched.filter((address) => address.startsWith(lists)) ?? [];
    expect(asked.toSorted()).toEqual([0, 1, 2, 3].map((shard) => `${lists}/${shard}`));
    expect(await outcome(await placed(accessToken, { idx: 131_072, uri: `${lists}/0` })), "beyond a shard").toEqual([
      503,
      "TOKEN_STATUS_UNAVAILABLE",
    ]);
    expect(await outcome(await placed(accessToken, { idx: 1, uri: `${lists}/99` })), "no such shard").toEqual([
      503,
      "TOKEN_STATUS_UNAVAILABLE",
    ]);
  });

  test("15.4 an ended token that comes again and again does not make them fetch its list each time", async () => {
    const { accessToken } = await newDevice(api);
    await api.post("/auth/logout", { bearer: accessToken });
    clock.advance(60);
    for (let calls = 0; calls < 20; calls += 1) expect(await outcome(accessToken)).toEqual(refused);
    expect(gateway?.fetched.filter((address) => address.startsWith(lists))).toHaveLength(1);
  });

  test("15.4 a token of before there were shards is looked up in the one list of then", async () => {
    const { accessToken } = await newDevice(api);
    const { idx } = claimsOf(accessToken).status.status_list;
    const old = await placed(accessToken, { idx, uri: lists });
    expect(await outcome(old)).toEqual(passed);
    await api.post("/auth/logout", { bearer: accessToken });
    clock.advance(60);
    expect(await outcome(old)).toEqual(refused);
    expect(gateway?.fetched).toContain(lists);
  });

  test("15.4 a token that names any other address is refused, and that is never asked", async () => {
    const { accessToken } = await newDevice(api);
    const { idx } = claimsOf(accessToken).status.status_list;
    const others = [
      "https://evil.example/.well-known/token-status/0",
      `${issuer}.evil.example/.well-known/token-status/0`,
      `${issuer}@evil.example/.well-known/token-status/0`,
      `${issuer}/auth/oauth/acme/authorize`,
      ...[
        "/",
        "/00",
        "/01",
        "/-1",
        "/0/",
        "/0?x=1",
        "/0#x",
        "/0/../../..",
        "/../jwks.json",
        "//0",
        "/0 ",
        "/x",
        "/٣",
      ].map((end) => `${lists}${end}`),
      ...["s", "-status/0", "\u200d/0", "?", "#", "/100000", "/123456789012"].map((end) => `${lists}${end}`),
      ` ${lists}/0`,
      lists.toUpperCase(),
      "",
    ];
    for (const uri of others) expect(await outcome(await placed(accessToken, { idx, uri })), uri).toEqual(refused);
    for (const uri of [undefined, null, 0, {}, [lists]])
      expect(await outcome(await placed(accessToken, { idx, uri })), String(uri)).toEqual(refused);
    const known = /\/\.well-known\/(?:openid-configuration|jwks\.json)$/;
    expect(gateway?.fetched.filter((address) => !known.test(address))).toEqual([]);
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
    const good = (await api.get("/.well-known/token-status/0")).json as string;
    const another = (await api.get("/.well-known/token-status/1")).json as string;
    const signer = await services.signingKeys.current(clock.now());
    const elsewhere = await signer.sign({ typ: "statuslist+jwt" }, { ...claimsOf(good), sub: `${issuer}/other` });
    const notAList = await signer.sign({ typ: "at+jwt" }, claimsOf(good));
    for (const list of [`${good.slice(0, -4)}AAAA`, elsewhere, another, notAList, accessToken, "x"]) {
      forged = list;
      expect((await outcome(accessToken))[0], list.slice(0, 60)).toBe(503);
      forged = undefined;
      gateway?.poison(`latchkey:${lists}/0`, list);
      expect((await outcome(accessToken))[0]).toBe(503);
      gateway?.restart();
    }
    clock.advance(361);
    gateway?.poison(`latchkey:${lists}/0`, good);
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
