import { hash } from "node:crypto";
import type { Attempt, Count, RateCounter } from "../counter.ts";
import type { Commands, RedisConnection } from "./connection.ts";

/**
 * Counts in Redis: a key for each bucket, and a script for each attempt, all of them in one round trip. No script has two
 * keys, which a cluster might keep in two places.
 */
export function createRedisCounter(redis: RedisConnection): RateCounter {
  return {
    count: (attempts, now) =>
      redis.run((client) => Promise.all(attempts.map((attempt) => countOne(client, attempt, now)))),
  };
}

/**
 * Counts an attempt, and begins a window if there is none. As in the database, the time is the caller's; the server's own
 * clock only says when a key is forgotten.
 */
const script = `local row = redis.call("HMGET", KEYS[1], "used", "resets_at")
if row[2] and tonumber(row[2]) > tonumber(ARGV[1]) then
  return { redis.call("HINCRBY", KEYS[1], "used", 1), tonumber(row[2]) }
end
redis.call("HSET", KEYS[1], "used", 1, "resets_at", ARGV[2])
redis.call("PEXPIRE", KEYS[1], ARGV[3])
return { 1, tonumber(ARGV[2]) }`;

const scriptHash = hash("sha1", script);

/** How long a key is kept after its window: clocks differ. */
const afterlifeSeconds = 120;

async function countOne(client: Commands, { bucket, windowSeconds }: Attempt, now: Date): Promise<Count> {
  const at = now.getTime();
  const call = {
    keys: [`latchkey:limit:${bucket.toString("base64url")}`],
    arguments: [at, at + windowSeconds * 1000, (windowSeconds + afterlifeSeconds) * 1000].map(String),
  };
  // A server that has just started knows no script.
  const reply: unknown = await client.evalSha(scriptHash, call).catch((error: unknown) => {
    if (error instanceof Error && error.message.startsWith("NOSCRIPT")) return client.eval(script, call);
    throw error;
  });
  const [used, resetsAt] = Array.isArray(reply) ? reply.map(Number) : [];
  if (used === undefined || resetsAt === undefined) throw new Error("Redis gave no count");
  return { used, resetsAt: new Date(resetsAt) };
}
