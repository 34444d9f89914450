// How the lists are made on the embedded engine, which works on the thread that all calls share.
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers";
import { inflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { currentStatusList } from "../../../shared/flows/maintenance/token-status.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { contextOf } from "../../support/context.ts";
import { claimsOf } from "../../support/clients.ts";
import { createTestServices } from "../../support/service.ts";

const { services, clock, database } = await createTestServices();
const shardIndexes = 65_536;

/** Adds a session at each of these indexes, ended now. */
function addEnded(first: number, count: number): void {
  const file = new DatabaseSync(database["EMBEDDED_DB_FILE"] ?? "");
  const now = clock.now();
  const at = now.toISOString();
  file.exec("begin");
  const user = newId(now);
  file
    .prepare("insert into users (id, username, is_active, created_at, updated_at) values (?, 'Ada', 1, ?, ?)")
    .run(user, at, at);
  const add = file.prepare(
    "insert into sessions (id, user_id, created_at, expires_at, ended_at, status_index) values (?, ?, ?, ?, ?, ?)",
  );
  for (let index = first; index < first + count; index += 1) add.run(newId(now), user, at, at, at, index);
  file.exec("commit");
  file.close();
}

describe("15.4 a shard of which all sessions were ended", () => {
  test("has all of their bits, in less than 32 KiB, and its neighbours have none", async () => {
    await services.tokens.keys.ensureCanSign(clock.now());
    addEnded(2 * shardIndexes, shardIndexes);
    for (const shard of [1, 2, 3]) {
      const { text } = await makeList(shard);
      expect(text.length).toBeLessThan(32 * 1024);
      const bytes = inflateSync(Buffer.from(claimsOf(text).status_list.lst, "base64url"));
      expect(bytes).toHaveLength(16_384);
      expect(bytes.every((byte) => byte === (shard === 2 ? 0x55 : 0))).toBe(true);
    }
  });

  test("is made in many turns, of which none takes this thread 10 ms", async () => {
    const made = [];
    for (let round = 0; round < 5; round += 1) made.push(await makeList(2));
    for (const { turns } of made) expect(turns).toBeGreaterThan(shardIndexes / 2000);
    // This thread's own work, so that others on the machine do not count; the least of five, so that a compiler at work does not.
    expect(Math.min(...made.map(({ longest }) => longest))).toBeLessThan(10);
  });
});

/** Makes a shard's list anew, and counts meanwhile the turns that others had, and what each took of this thread. */
async function makeList(shard: number) {
  clock.advance(10);
  const used = () => process.threadCpuUsage().user / 1000;
  let [isDone, turns, last, longest] = [false, 0, used(), 0];
  const turn = () => {
    const now = used();
    [turns, last, longest] = [turns + 1, now, Math.max(longest, now - last)];
    if (!isDone) setImmediate(turn);
  };
  setImmediate(turn);
  const list = await currentStatusList(contextOf(services), shard);
  isDone = true;
  return { text: list?.text ?? "", turns, longest };
}
