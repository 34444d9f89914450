// Which of the signed lists a gateway asks for, what it makes of them, and how often it asks.
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { issuer } from "../../support/apim/fragments.ts";
import { passed, refused, startGuardedApi } from "../../support/apim/guarded-api.ts";
import { claimsOf } from "../../support/clients.ts";
import { newDevice } from "../../support/people.ts";

const lists = `${issuer}/.well-known/token-status`;
const guarded = await startGuardedApi();
const { api, clock, services } = guarded.service;
const { call, network, outcome } = guarded;
const unknown = [503, "TOKEN_STATUS_UNAVAILABLE"];

/** A token like this one, with its place elsewhere. */
async function placed(accessToken: string, statusList: object): Promise<string> {
  const signer = await services.tokens.keys.current(clock.now());
  return signer.sign({ typ: "at+jwt" }, { ...claimsOf(accessToken), status: { status_list: statusList } });
}

const hasTokensOfBefore = { isUsedByReleaseBefore: async () => true };

/** Puts other sources in the place of the sessions', until the test is done. */
function withSources(sources: object): void {
  const before = { ...services.sessions };
  onTestFinished(() => void Object.assign(services.sessions, before));
  Object.assign(services.sessions, sources);
}

beforeEach(() => {
  clock.advance(3600);
  guarded.renew();
});

describe.skipIf(!guarded.isThere)("API Management and the lists of ended tokens", { timeout: 300_000 }, () => {
  test("fetch the list once in 45 seconds, however many call", async () => {
    const { accessToken } = await newDevice(api);
    for (let second = 0; second < 90; second += 1) {
      await outcome(accessToken);
      clock.advance(1);
    }
    expect(guarded.fetched().filter((address) => address === `${lists}/0`)).toHaveLength(2);
    expect(guarded.fetched().filter((address) => address.endsWith("jwks.json"))).toHaveLength(1);
  });

  test("read a list of many blocks: every place of a hundred thousand is where it belongs", async () => {
    const { accessToken } = await newDevice(api);
    const ended = [0, 7, 523_999, 524_000, 524_287, 524_288, 1_000_001];
    withSources({ endedSince: async () => ended, highestOfWholeList: async () => 1_000_001, ...hasTokensOfBefore });
    const at = (idx: number) => placed(accessToken, { idx, uri: lists });
    for (const index of ended) {
      expect(await outcome(await at(2 * index)), String(index)).toEqual(refused);
      expect(await outcome(await at(2 * index + 1)), `beside ${index}`).toEqual(passed);
    }
    expect(await outcome(await at(1_000_000_000)), "beyond the list").toEqual(refused);
  });

  test("15.4 follow a token to its own shard, and keep each for 45 seconds", async () => {
    const { accessToken } = await newDevice(api);
    const ended = [0, 65_535, 65_536, 131_071, 200_000];
    withSources({ endedSince: async () => ended, highestStatusIndex: async () => 200_000 });
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
    const asked = guarded.fetched().filter((address) => address.startsWith(lists));
    expect(asked.toSorted()).toEqual([0, 1, 2, 3].map((shard) => `${lists}/${shard}`));
    expect(await outcome(await placed(accessToken, { idx: 131_072, uri: `${lists}/0` })), "beyond a shard").toEqual(
      refused,
    );
    expect(await outcome(await placed(accessToken, { idx: 1, uri: `${lists}/99` })), "no such shard").toEqual(refused);
  });

  test("15.4 an ended token that comes again and again does not make them fetch its list each time", async () => {
    const { accessToken } = await newDevice(api);
    await api.post("/auth/logout", { bearer: accessToken });
    clock.advance(60);
    for (let calls = 0; calls < 20; calls += 1) expect(await outcome(accessToken)).toEqual(refused);
    expect(guarded.fetched().filter((address) => address.startsWith(lists))).toHaveLength(1);
  });

  test("15.4 while a release without shards answers, their tokens are refused, and theirs is asked for once in 10 seconds", async () => {
    const { accessToken } = await newDevice(api);
    network.isOfBefore = true;
    for (let second = 0; second < 20; second += 1) {
      for (let calls = 0; calls < 3; calls += 1) expect(await outcome(accessToken)).toEqual(refused);
      clock.advance(1);
    }
    expect(guarded.fetched().filter((address) => address === `${lists}/0`)).toHaveLength(2);
    network.isOfBefore = false;
    expect(await outcome(accessToken), "10 seconds after the release with shards is back").toEqual(passed);
  });

  test("15.4 a place beyond its list is looked for in the list that is kept", async () => {
    const { accessToken } = await newDevice(api);
    const beyond = await placed(accessToken, { idx: 131_072, uri: `${lists}/0` });
    for (let calls = 0; calls < 20; calls += 1) expect(await outcome(beyond)).toEqual(refused);
    expect(guarded.fetched().filter((address) => address === `${lists}/0`)).toHaveLength(1);
  });

  test("15.4 a token of before there were shards is looked up in the one list of then", async () => {
    const { accessToken } = await newDevice(api);
    const { idx } = claimsOf(accessToken).status.status_list;
    const old = await placed(accessToken, { idx, uri: lists });
    withSources(hasTokensOfBefore);
    expect(await outcome(old)).toEqual(passed);
    await api.post("/auth/logout", { bearer: accessToken });
    clock.advance(60);
    expect(await outcome(old)).toEqual(refused);
    expect(guarded.fetched()).toContain(lists);
  });

  test("15.4 a token that names the one list of then is refused when that is gone, and it is asked for once in 10 seconds", async () => {
    const { accessToken } = await newDevice(api);
    const { idx } = claimsOf(accessToken).status.status_list;
    const old = await placed(accessToken, { idx, uri: lists });
    for (let calls = 0; calls < 20; calls += 1) expect(await outcome(old)).toEqual(refused);
    expect(guarded.fetched().filter((address) => address === lists)).toHaveLength(1);
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
      expect(await outcome(await placed(accessToken, { idx, uri })), JSON.stringify(uri)).toEqual(refused);
    const known = /\/\.well-known\/(?:openid-configuration|jwks\.json)$/;
    expect(guarded.fetched().filter((address) => !known.test(address))).toEqual([]);
  });

  test("with Latchkey away, go on for 45 seconds, then say 503 rather than let ended tokens pass", async () => {
    const { accessToken } = await newDevice(api);
    expect(await outcome(accessToken)).toEqual(passed);
    network.isAway = true;
    clock.advance(44);
    expect(await outcome(accessToken)).toEqual(passed);
    clock.advance(2);
    const answer = await call(accessToken);
    expect([answer.status, JSON.parse(answer.body).error_code]).toEqual(unknown);
    expect(answer.headers["Retry-After"]).toBe("5");
    network.isAway = false;
    expect(await outcome(accessToken)).toEqual(passed);
  });

  test("take no list that is forged, of another kind, or too old, from the network or from the cache", async () => {
    const { accessToken } = await newDevice(api);
    const good = (await api.get("/.well-known/token-status/0")).json as string;
    const another = (await api.get("/.well-known/token-status/1")).json as string;
    const signer = await services.tokens.keys.current(clock.now());
    const elsewhere = await signer.sign({ typ: "statuslist+jwt" }, { ...claimsOf(good), sub: `${issuer}/other` });
    const notAList = await signer.sign({ typ: "at+jwt" }, claimsOf(good));
    for (const list of [`${good.slice(0, -4)}AAAA`, elsewhere, another, notAList, accessToken, "x"]) {
      network.forged = list;
      expect((await outcome(accessToken))[0], list.slice(0, 60)).toBe(503);
      network.forged = undefined;
      guarded.poison(`latchkey:${lists}/0`, list);
      expect((await outcome(accessToken))[0]).toBe(503);
      guarded.renew();
    }
    clock.advance(361);
    guarded.poison(`latchkey:${lists}/0`, good);
    expect((await outcome(accessToken))[0]).toBe(503);
  });
});
