// npm run bench:limits: has 2, 4 and 8 processes share one database, and tells whether exactly the limit is admitted of
// LIMITS_ATTEMPTS (100,000) on one key, and whether a count is lost of LIMITS_OPERATIONS (1,000,000) on many keys.
// With REDIS_URL they are counted there. LIMITS_PROCESSES (2,4,8) says how many processes. A call that cannot write to the embedded engine's file for 5 seconds
// fails, as it should: it is refused, and may have counted some of its keys.
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { applyMigrations } from "../../shared/platform/database/embedded-migrations.ts";
import { readMigrations } from "../../shared/platform/database/migrations.ts";
import { loadConfig } from "../../shared/config.ts";
import { createRedisConnection } from "../../shared/limits/redis/connection.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import type { LimitsTally } from "./limits-worker.ts";
import { runOnce } from "./processes.ts";

const attempts = Number(process.env["LIMITS_ATTEMPTS"] ?? 100_000);
const operations = Number(process.env["LIMITS_OPERATIONS"] ?? 1_000_000);
const processes = (process.env["LIMITS_PROCESSES"] ?? "2,4,8").split(",").map(Number);
const limit = Math.floor(attempts / 5);

const sum = (tallies: readonly LimitsTally[], kind: keyof LimitsTally) =>
  tallies.reduce((total, tally) => total + tally[kind], 0);

/** Runs `total` steps in so many processes at once. @returns what each came to, and the seconds that they took */
async function inProcesses(count: number, total: number, args: readonly string[]) {
  const startedAt = performance.now();
  const share = String(Math.floor(total / count));
  const tallies = await Promise.all(
    Array.from({ length: count }, () => runOnce<LimitsTally>("limits-worker.ts", [...args, share])),
  );
  return { tallies, seconds: (performance.now() - startedAt) / 1000 };
}

function newDatabase(name: string): string {
  const file = path.join(folder, `${name}.db`);
  const database = new DatabaseSync(file);
  database.exec("pragma journal_mode = wal");
  applyMigrations(database, readMigrations("sql"), systemClock.now());
  database.close();
  return file;
}

const { server } = loadConfig({ SECRET_KEY: "x".repeat(32), REDIS_URL: process.env["REDIS_URL"] }).redis;
const redis = server && createRedisConnection(server);
const sumOfKeys = `local sum = 0
for _, key in ipairs(redis.call("KEYS", "latchkey:limit:*")) do sum = sum + redis.call("HGET", key, "used") end
return sum`;

async function countedIn(file: string): Promise<number> {
  if (redis) return Number(await redis.run((client) => client.eval(sumOfKeys)));
  const database = new DatabaseSync(file, { readOnly: true });
  const [row] = database.prepare("select sum(used) as counted from rate_limits").all();
  database.close();
  return Number(row?.["counted"]);
}

async function onOneKey(count: number): Promise<boolean> {
  const file = newDatabase(`one-${count}`);
  const { tallies, seconds } = await inProcesses(count, attempts, ["one", file, String(limit)]);
  const [admitted, counted, failed] = [sum(tallies, "admitted"), sum(tallies, "counted"), sum(tallies, "failed")];
  console.log(
    `${count} processes, ${attempts} attempts on one key, limit ${limit}: ${admitted} admitted, ${counted} counted, ` +
      `${attempts - counted - failed} refused from memory, ${failed} failed; ${seconds.toFixed(0)} s`,
  );
  return admitted === limit;
}

async function onManyKeys(count: number): Promise<boolean> {
  const file = newDatabase(`many-${count}`);
  const before = await countedIn(file);
  const { tallies, seconds } = await inProcesses(count, operations, ["many", file, "0"]);
  const [counted, failed] = [sum(tallies, "counted"), sum(tallies, "failed")];
  const beyond = (await countedIn(file)) - before - counted;
  console.log(
    `${count} processes, ${operations} calls with 1 to 3 of 10,000 keys, removals between: ${counted} counted, ` +
      `${Math.max(0, -beyond)} lost; ${failed} calls failed, with ${Math.max(0, beyond)} keys counted; ` +
      `${(operations / seconds).toFixed(0)} calls a second`,
  );
  return beyond >= 0 && beyond <= 2 * failed;
}

const folder = mkdtempSync(path.join(tmpdir(), "latchkey-limits-"));
console.log(`load average ${(loadavg()[0] ?? 0).toFixed(1)}`);
try {
  for (const count of processes) if (!(await onOneKey(count))) process.exitCode = 1;
  if (!(await onManyKeys(processes.at(-1) ?? 2))) process.exitCode = 1;
} finally {
  redis?.close();
  rmSync(folder, { recursive: true, force: true });
}
