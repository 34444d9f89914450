// Whose place a sign-in, or a client's new token, may take. The embedded engine alone: it takes 65,536 rows in no time.
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { claimsOf, clientToken, newClient } from "../../support/clients.ts";
import { registerPerson, signIn } from "../../support/people.ts";
import { startService } from "../../support/service.ts";
import { statusLists } from "../../support/status-lists.ts";

const service = await startService();
const { api, clock, database } = service;
const { fetchList } = statusLists(service);
/** The indexes that are given out first. */
const range = 65_536;

/** The index of the place that a token names. */
function indexOf(accessToken: string): number {
  const { idx, uri } = claimsOf(accessToken).status.status_list;
  return Math.floor((131_072 * Number(uri.split("/").at(-1)) + idx) / 2);
}

/** The indexes that 20 tokens get. */
async function given(issue: () => Promise<string>): Promise<number[]> {
  const indexes: number[] = [];
  for (let count = 0; count < 20; count += 1) indexes.push(indexOf(await issue()));
  return indexes;
}

describe("15.4 who signs in all day does not make the lists grow until the night", () => {
  test("a sign-in takes the place of a session that ended long ago: no token of it is valid, and no list says so", async () => {
    const email = await registerPerson(api);
    const at = clock.now().toISOString();
    await fillRange(`
      insert into sessions (id, user_id, created_at, expires_at, ended_at, end_reason, authenticated_at, status_index)
      select places.id, users.id, '${at}', '${at}', '${at}', 'limit', '${at}', place from places, users`);
    const issue = async () => (await signIn(api, email)).accessToken;
    clock.advance(1800 + 120 + 300 - 0.001);
    await issue();
    expect(Math.min(...(await given(issue)))).toBeGreaterThanOrEqual(range);
    clock.advance(0.001);
    const indexes = await given(issue);
    expect(Math.max(...indexes)).toBeLessThan(range);
    expect(new Set(indexes).size).toBe(20);
    const { bit } = await fetchList("/.well-known/token-status/0");
    expect(indexes.filter((index) => bit(2 * index) !== 0)).toEqual([]);
  });

  test("sign-ins at once take no place twice", async () => {
    const emails = await Promise.all(Array.from({ length: 30 }, () => registerPerson(api)));
    const devices = await Promise.all(emails.map((email) => signIn(api, email)));
    const indexes = devices.map(({ accessToken }) => indexOf(accessToken));
    expect(Math.max(...indexes)).toBeLessThan(range);
    expect(new Set(indexes).size).toBe(30);
  });

  test("a client's new token takes the place of one that has expired, unless that was revoked", async () => {
    const client = await newClient(service);
    const [at, expiry] = [clock.now().toISOString(), new Date(clock.now().getTime() + 1_800_000).toISOString()];
    await fillRange(`
      insert into client_tokens (id, client_id, issued_at, expires_at, status_index, revoked_at)
      select places.id, clients.id, '${at}', '${expiry}', place, iif(place % 2 = 0, '${at}', null) from places, clients`);
    const issue = () => clientToken(api, client);
    clock.advance(1800 + 119.999);
    expect(Math.min(...(await given(issue)))).toBeGreaterThanOrEqual(range);
    clock.advance(0.001);
    const indexes = await given(issue);
    expect(indexes.filter((index) => index < range).length).toBeGreaterThan(10);
    expect(indexes.filter((index) => index < range && index % 2 === 0)).toEqual([]);
    expect(new Set(indexes).size).toBe(20);
  });

  test("within a transaction a token may live for a day, unless the keys were read in the last 30 seconds", async () => {
    const known = () => service.services.tokens.keys.longestKnownTokenSeconds(clock.now());
    clock.advance(3600);
    expect(known()).toBe(86_400);
    await service.services.tokens.keys.ensureCanSign(clock.now());
    expect(known()).toBe(1800);
    clock.advance(30.001);
    expect(known()).toBe(86_400);
  });
});

/**
 * Adds a row for every index of the range, as `insert` says, which selects from `places (id, place)`. Some at a time: a connection
 * that waits meanwhile would be closed just as it is used.
 */
async function fillRange(insert: string): Promise<void> {
  const file = new DatabaseSync(database["EMBEDDED_DB_FILE"] ?? "");
  const add = file.prepare(`
    with recursive numbers (place) as (select ?1 union all select place + 1 from numbers where place + 1 < ?2),
      places (id, place) as (select 'filled ' || place, place from numbers)
    ${insert}`);
  for (let first = 0; first < range; first += 4096) {
    add.run(first, first + 4096);
    await setImmediate();
  }
  file.close();
}
