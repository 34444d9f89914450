import { describe, expect, onTestFinished, test } from "vitest";
import type { IndexSlice } from "../../../shared/platform/database/free-index.ts";
import type { Services } from "../../../shared/services.ts";
import { createStatusTokens } from "../../../shared/tokens/status/status-tokens.ts";
import { claimsOf } from "../../support/clients.ts";
import { newDevice } from "../../support/people.ts";
import { startService } from "../../support/service.ts";
import { statusLists } from "../../support/status-lists.ts";

const service = await startService();
const { api, clock, services } = service;
const issuer = "http://localhost:7071";
const whole = "/.well-known/token-status";
const { fetchList, moveTo } = statusLists(service);

/** Counts what the lists are made from, from here to the end of the test. */
function watchReads({ sessions }: Services) {
  const reads = { highest: 0, slices: [] as IndexSlice[] };
  const { endedSince, highestStatusIndex } = sessions;
  onTestFinished(() => void Object.assign(sessions, { endedSince, highestStatusIndex }));
  Object.assign(sessions, {
    highestStatusIndex: () => (reads.highest++, highestStatusIndex()),
    endedSince: (since: Date, slice: IndexSlice) => (reads.slices.push(slice), endedSince(since, slice)),
  });
  return reads;
}

describe("15.4 the status list in shards", () => {
  test("a token names its own shard and its place there; ending it sets that bit alone", async () => {
    const devices = [];
    for (const index of [0, 65_535, 65_536, 200_000]) devices.push(await moveTo(await newDevice(api), index));
    const status = devices.map(({ accessToken }) => claimsOf(accessToken).status.status_list);
    expect(status).toEqual([
      { idx: 0, uri: `${issuer}${whole}/0` },
      { idx: 131_070, uri: `${issuer}${whole}/0` },
      { idx: 0, uri: `${issuer}${whole}/1` },
      { idx: 2 * (200_000 - 3 * 65_536), uri: `${issuer}${whole}/3` },
    ]);
    await api.post("/auth/logout", { bearer: devices[2]?.accessToken });
    clock.advance(10);
    for (const [place, { idx, uri }] of status.entries()) {
      const { bit, sub, bytes } = await fetchList(uri.replace(issuer, ""));
      expect([bit(idx), sub, bytes.length]).toEqual([place === 2 ? 1 : 0, uri, 16_384]);
    }
    expect((await fetchList(`${whole}/1`)).bytes.filter((byte: number) => byte !== 0)).toHaveLength(1);
  });

  test("is made anew only when asked for, and kept for 10 seconds", async () => {
    await newDevice(api);
    clock.advance(10);
    const { slices } = watchReads(services);
    await fetchList(`${whole}/0`);
    expect(slices.length).toBeGreaterThan(0);
    for (const { first, last } of slices)
      expect([first >= 0, last < 65_536], "of this shard alone").toEqual([true, true]);
    slices.length = 0;
    clock.advance(9.999);
    for (let asked = 0; asked < 20; asked += 1) await fetchList(`${whole}/0`);
    expect(slices).toEqual([]);
    clock.advance(0.001);
    await fetchList(`${whole}/0`);
    expect(slices.length).toBeGreaterThan(0);
  });

  test.each(["00", "01", "-1", "+1", "1e0", "0x0", "1.0", " 1", "%201", "1%0A", "٣", "32768", "99999", "100000", "x"])(
    "%s is no shard: 404",
    async (name) => {
      const { status, json } = await api.get(`${whole}/${name}`);
      expect([status, json.error_code]).toEqual([404, "NOT_FOUND"]);
    },
  );

  test("who asks for shards that no token names makes the database work once in 10 seconds, and nothing is kept of them", async () => {
    await newDevice(api);
    clock.advance(10);
    const reads = watchReads(services);
    for (let shard = 30; shard < 530; shard += 1) expect((await api.get(`${whole}/${shard}`)).status).toBe(404);
    expect(reads.slices).toEqual([]);
    expect(reads.highest).toBe(1);
  });

  test("a shard into which a token may come before the next look has its list", async () => {
    await newDevice(api);
    const highest = (await services.sessions.highestStatusIndex()) ?? 0;
    const used = Math.floor(highest / 65_536) + 1;
    const served = 2 * 2 ** Math.ceil(Math.log2(used));
    clock.advance(10);
    expect((await fetchList(`${whole}/${served - 1}`)).bytes.every((byte: number) => byte === 0)).toBe(true);
    expect((await api.get(`${whole}/${served}`)).status).toBe(404);
  });

  test("as many lists are kept as memory may hold: the ones asked for longest ago are made again", async () => {
    const tokens = createStatusTokens(services.tokens.keys, { issuer, uri: `${issuer}${whole}` });
    const made: number[] = [];
    const sources = {
      highest: async () => 2 ** 30,
      highestOfWholeList: async () => 0,
      isWholeListNamed: async () => true,
      async *ended({ first }: { first: number }) {
        made.push(first / 65_536);
        yield [];
      },
    };
    const ask = (shard: number) => tokens.current(shard, sources, clock.now());
    for (let shard = 0; shard < 256; shard += 1) await ask(shard);
    await ask(0);
    expect(made).toHaveLength(256);
    await ask(256);
    await ask(0);
    expect(made.slice(256), "the one that was asked for lately is there").toEqual([256]);
    await ask(1);
    expect(made.slice(256)).toEqual([256, 1]);
  });

  test("two lists that are asked for at once are both right", async () => {
    const [one, other] = [await moveTo(await newDevice(api), 70_000), await moveTo(await newDevice(api), 140_000)];
    await api.post("/auth/logout", { bearer: one.accessToken });
    clock.advance(10);
    const lists = await Promise.all([fetchList(`${whole}/1`), fetchList(`${whole}/2`), fetchList(`${whole}/1`)]);
    expect(lists.map(({ bit }, place) => bit(place === 1 ? 2 * (140_000 - 131_072) : 2 * (70_000 - 65_536)))).toEqual([
      1, 0, 1,
    ]);
    expect(claimsOf(other.accessToken).status.status_list.uri).toBe(`${issuer}${whole}/2`);
  });
});
