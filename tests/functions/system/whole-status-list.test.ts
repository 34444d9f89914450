import { describe, expect, onTestFinished, test } from "vitest";
import { migratedInMemory } from "../../../shared/platform/database/declared-schema.ts";
import { applyMigrations } from "../../../shared/platform/database/embedded-migrations.ts";
import { isCompanion, readMigrations } from "../../../shared/platform/database/migrations.ts";
import { claimsOf } from "../../support/clients.ts";
import { newDevice } from "../../support/people.ts";
import { startService } from "../../support/service.ts";
import { statusLists } from "../../support/status-lists.ts";

const service = await startService();
const { api, clock, services } = service;
const { fetchList, moveTo } = statusLists(service);
const issuer = "http://localhost:7071";
const whole = "/.well-known/token-status";

describe("15.4 the one list of before there were shards", () => {
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
