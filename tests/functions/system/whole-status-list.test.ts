import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { migratedInMemory } from "../../../shared/platform/database/declared-schema.ts";
import { applyMigrations } from "../../../shared/platform/database/embedded-migrations.ts";
import { isCompanion, readMigrations } from "../../../shared/platform/database/migrations.ts";
import type { Tables as ClientTables } from "../../../shared/clients/tables.ts";
import type { Tables as SessionTables } from "../../../shared/sessions/tables.ts";
import { claimsOf, clientToken, newClient } from "../../support/clients.ts";
import { newDevice, refreshed } from "../../support/people.ts";
import { startService } from "../../support/service.ts";
import { statusLists } from "../../support/status-lists.ts";

const service = await startService();
const { api, clock, services } = service;
const { fetchList, moveTo, beganBefore } = statusLists(service);
const db = services.database.queries.withTables<SessionTables & ClientTables>();
const issuer = "http://localhost:7071";
const whole = "/.well-known/token-status";

/** Whether the list is served, read anew. */
async function isServed(): Promise<boolean> {
  clock.advance(10);
  return (await api.get(whole)).status === 200;
}

describe("15.4 the one list of before there were shards is there", () => {
  /** As long as an access token lives that a release of before has issued, and two minutes more. */
  const whileNeededSeconds = 1800 + 120;

  beforeEach(() => clock.advance(7 * 86_400));

  test("while a session that a release of before has begun may have a valid token", async () => {
    await newDevice(api);
    expect(await isServed(), "nobody has used a release of before").toBe(false);
    await beganBefore(await newDevice(api));
    expect(await isServed()).toBe(true);
    clock.advance(whileNeededSeconds - 10.001);
    expect((await api.get(whole)).status, "a millisecond before that").toBe(200);
    expect(await isServed()).toBe(false);
  });

  test("while a refresh by a release of before may have given one: it may be a second app for weeks", async () => {
    const device = await newDevice(api);
    clock.advance(86_400);
    await refreshed(api, device);
    expect(await isServed(), "a refresh by this release").toBe(false);
    await db.updateTable("refresh_tokens").set({ used_from: null }).execute();
    expect(await isServed()).toBe(true);
    clock.advance(whileNeededSeconds);
    expect(await isServed()).toBe(false);
  });

  test("while a client's own token of a release of before may be valid", async () => {
    await clientToken(api, await newClient(service));
    expect(await isServed(), "a token of this release").toBe(false);
    await db.updateTable("client_tokens").set({ issued_at: null }).execute();
    expect(await isServed()).toBe(true);
    clock.advance(1800 + whileNeededSeconds);
    expect(await isServed()).toBe(false);
  });

  test("and is asked for as cheaply as a shard: nothing is read again for 10 seconds", async () => {
    const { isUsedByReleaseBefore } = services.sessions;
    onTestFinished(() => void Object.assign(services.sessions, { isUsedByReleaseBefore }));
    let reads = 0;
    Object.assign(services.sessions, {
      isUsedByReleaseBefore: (since: Date) => ((reads += 1), isUsedByReleaseBefore(since)),
    });
    for (let asked = 0; asked < 20; asked += 1) expect((await api.get(whole)).status).toBe(404);
    expect(reads).toBe(1);
  });
});

describe("15.4 the one list of before there were shards", () => {
  beforeEach(async () => {
    await beganBefore(await newDevice(api));
    clock.advance(10);
  });

  test("tokens of before are found in it by their old places until they have expired", async () => {
    const [one, other] = [await moveTo(await newDevice(api), 40_000), await moveTo(await newDevice(api), 40_001)];
    await api.post("/auth/logout", { bearer: one.accessToken });
    clock.advance(10);
    const { sub, bit } = await fetchList(whole);
    expect([sub, bit(2 * 40_000), bit(2 * 40_001)]).toEqual([issuer + whole, 1, 0]);
    expect(claimsOf(other.accessToken).status.status_list.idx, "the new place in shard 0 is the same").toBe(80_002);
  });

  test("is as large as it was when shards came, however many people come after", async () => {
    const before = (await fetchList(whole)).bytes.length;
    await moveTo(await newDevice(api), 900_000);
    clock.advance(10);
    expect([(await fetchList(whole)).bytes.length, before]).toEqual([16_384, 16_384]);
  });

  test("reaches as far as it did when shards came", async () => {
    const { highestOfWholeList } = services.sessions;
    onTestFinished(() => void Object.assign(services.sessions, { highestOfWholeList }));
    Object.assign(services.sessions, { highestOfWholeList: async () => 300_000 });
    const device = await moveTo(await newDevice(api), 299_999);
    await api.post("/auth/logout", { bearer: device.accessToken });
    clock.advance(10);
    const { bit, bytes } = await fetchList(whole);
    expect([bytes.length, bit(2 * 299_999), bit(2 * 299_998)]).toEqual([(4 * 2 ** 19) / 8, 1, 0]);
  });

  test("goes by the highest place of either kind that was in use when its migration ran", async () => {
    const migrations = readMigrations("sql").filter(({ name }) => !isCompanion(name));
    const database = migratedInMemory(migrations.filter(({ name }) => name < "0011"));
    onTestFinished(() => database.close());
    const at = "2026-01-15T12:00:00.000Z";
    database.exec(`
      insert into users (id, username, is_active, created_at, updated_at) values ('u', 'Ada', 1, '${at}', '${at}');
      insert into sessions (id, user_id, created_at, expires_at, status_index) values ('s', 'u', '${at}', '${at}', 5000);
      insert into clients (id, name, scope, secret_hash, created_at) values ('c', 'c', '', x'00', '${at}');
      insert into client_tokens (id, client_id, status_index, expires_at) values ('t', 'c', 77000, '${at}');`);
    applyMigrations(database, migrations, clock.now());
    expect(database.prepare("select highest_index from whole_status_list").all()).toEqual([{ highest_index: 77_000 }]);
    expect(await services.sessions.highestOfWholeList(), "of a new database").toBe(0);
  });
});
