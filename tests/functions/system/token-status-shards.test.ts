import { setImmediate } from "node:timers";
import { describe, expect, onTestFinished, test } from "vitest";
import { tokenStatus } from "../../../shared/flows/token-status.ts";
import { newId } from "../../../shared/platform/random.ts";
import type { Services } from "../../../shared/services.ts";
import type { Tables } from "../../../shared/sessions/tables.ts";
import { createStatusTokens } from "../../../shared/tokens/status-tokens.ts";
import { claimsOf, clientToken, newClient } from "../../support/clients.ts";
import { newDevice } from "../../support/people.ts";
import { startService } from "../../support/service.ts";
import { statusLists } from "../../support/status-lists.ts";

const service = await startService();
const { api, clock, services } = service;
const issuer = "http://localhost:7071";
const whole = "/.well-known/token-status";
const { fetchList, moveTo } = statusLists(service);
const db = services.database.queries.withTables<Tables>();

/** Adds sessions that were ended now, at these places. */
async function addEnded(indexes: readonly number[]): Promise<void> {
  const now = clock.now();
  const user = await db.selectFrom("users").select("id").executeTakeFirstOrThrow();
  const row = { user_id: user.id, created_at: now, expires_at: now, ended_at: now, end_reason: "logout" } as const;
  for (let from = 0; from < indexes.length; from += 1000) {
    const rows = indexes
      .slice(from, from + 1000)
      .map((index) => Object.assign({ id: newId(now), status_index: index }, row));
    await db.insertInto("sessions").values(rows).execute();
  }
}

/** Counts what the lists are made from, from here to the end of the test. */
function watchReads({ sessions }: Services) {
  const reads = { highest: 0, slices: [] as { first: number; last: number; limit: number; turn: number }[] };
  const { endedSince, highestStatusIndex } = sessions;
  let turn = 0;
  let isOver = false;
  const count = () => void (isOver || (turn++, setImmediate(count)));
  count();
  Object.assign(sessions, {
    highestStatusIndex: () => (reads.highest++, highestStatusIndex()),
    endedSince: (since: Date, slice: { first: number; last: number; limit: number }) => {
      reads.slices.push({ ...slice, turn });
      return endedSince(since, slice);
    },
  });
  onTestFinished(() => {
    isOver = true;
    Object.assign(sessions, { endedSince, highestStatusIndex });
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

  test("with hundreds of thousands of people a document is of less than 32 KiB, and of a shard where all was ended too", async () => {
    await newDevice(api);
    await addEnded(Array.from({ length: 65_536 }, (_, index) => 5 * 65_536 + index));
    const client = await newClient(service);
    await clientToken(api, client);
    clock.advance(10);
    const { token, bytes } = await fetchList(`${whole}/5`);
    expect(bytes.every((byte: number) => byte === 0x55)).toBe(true);
    expect(token.length).toBeLessThan(32 * 1024);
    expect((await fetchList(`${whole}/4`)).bytes.every((byte: number) => byte === 0)).toBe(true);
  });

  test("is made anew only when asked for, in slices between which other calls have their turn", async () => {
    await newDevice(api);
    clock.advance(10);
    await addEnded(Array.from({ length: 20_000 }, (_, index) => 6 * 65_536 + index));
    const { slices } = watchReads(services);
    await fetchList(`${whole}/6`);
    expect(slices.length).toBeGreaterThan(10);
    for (const [place, { first, last, limit, turn }] of slices.entries()) {
      expect([first >= 6 * 65_536, last < 7 * 65_536], "of this shard alone").toEqual([true, true]);
      expect([last - first < 2 ** 15, limit <= 2000], "a bounded number of rows").toEqual([true, true]);
      if (place > 0) expect(turn, "others had their turn").toBeGreaterThan(slices[place - 1]?.turn ?? 0);
    }
    slices.length = 0;
    for (let asked = 0; asked < 20; asked += 1) await fetchList(`${whole}/6`);
    expect(slices, "for 10 seconds it is kept").toEqual([]);
  });

  test("no turn of its making takes this thread 10 ms, were all of a shard ended", async () => {
    await newDevice(api);
    await addEnded(Array.from({ length: 65_536 }, (_, index) => 7 * 65_536 + index));
    const used = () => process.threadCpuUsage().user / 1000;
    const longest: number[] = [];
    for (let round = 0; round < 5; round += 1) {
      clock.advance(10);
      let [isDone, last, most] = [false, used(), 0];
      const measure = () => {
        const now = used();
        [last, most] = [now, Math.max(most, now - last)];
        if (!isDone) setImmediate(measure);
      };
      setImmediate(measure);
      expect((await tokenStatus(services, 7, clock.now()))?.text).toBeDefined();
      isDone = true;
      longest.push(most);
    }
    // Of this thread's own work, so that others on the machine do not count; the least of five, so that a compiler at work does not.
    expect(Math.min(...longest)).toBeLessThan(10);
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
    const tokens = createStatusTokens(services.signingKeys, { issuer, uri: `${issuer}${whole}` });
    const made: number[] = [];
    const sources = {
      highest: async () => 2 ** 30,
      highestOfWholeList: async () => 0,
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
