import type { Database } from "./database/database.ts";
import { DatabaseUnavailable } from "./database/errors.ts";
import { describeError, log } from "./log.ts";
import type { Queues } from "./queues/queues.ts";

/** How a dependency answered, and how long it took. */
export interface Check {
  readonly status: "up" | "down" | "not configured";
  readonly latency_ms?: number;
  /** What is wrong, in our own words, naming no host or account. */
  readonly reason?: string;
}

/** How mail stands. */
export interface MailCheck {
  /**
   * - `up`: what is posted is sent.
   * - `held back by quota`: the provider takes no more for now.
   * - `retrying`: some mails were not taken, and are tried again.
   * - `overdue`: some should have been sent long ago, and nobody sends them.
   * - `not configured`: there is no queue, so nothing is sent.
   * - `unknown`: the database does not answer.
   */
  readonly status: "up" | "held back by quota" | "retrying" | "overdue" | "not configured" | "unknown";
  /** How many wait to be sent, at most 1000. */
  readonly waiting: number;
  /** How many were given up, at most 1000. */
  readonly dead: number;
  /** When a mail that is posted now will be sent; null if the quota does not hold it back. ISO 8601. */
  readonly held_back_until: string | null;
}

/**
 * How the last look for a breached password went, in this process: nothing is asked for the check. While the range API is
 * `down`, passwords are let through, and looked up at the next sign-in.
 */
export interface BreachCheck {
  readonly status: "up" | "down" | "not asked yet" | "off";
}

/** How the anchors of the audit log stand. */
export interface AnchorCheck {
  /**
   * - `up`: what was anchored is outside of the database too.
   * - `behind`: what was anchored a quarter of an hour ago is not: the container is away, or refuses.
   * - `differs`: the container has another text under the name of an anchor. The database was restored, or somebody wrote.
   * - `not configured`: there is no container.
   * - `unknown`: the database does not answer.
   */
  readonly status: "up" | "behind" | "differs" | "not configured" | "unknown";
  /** When the last anchor was made, ISO 8601; null if there is none. */
  readonly last_at: string | null;
}

export interface Checks {
  readonly database: Check;
  readonly queue: Check;
  /** Where rate limits are counted, if not in the database. */
  readonly redis: Check;
  readonly mail: MailCheck;
  readonly breached_passwords: BreachCheck;
  readonly audit_anchors: AnchorCheck;
}

export interface Dependencies {
  readonly database: Database;
  /** Rejects if the service's tables are missing or unreadable. */
  readonly checkTables: () => Promise<void>;
  readonly queues: Queues | undefined;
  readonly redis: { ping(): Promise<void> } | undefined;
  /** How mail stands, from the database. */
  readonly checkMail: () => Promise<MailCheck>;
  readonly breachedPasswords: () => BreachCheck["status"];
  /** How anchors stand, from the database and their container. */
  readonly checkAnchors: () => Promise<AnchorCheck>;
}

/**
 * @returns a function that checks the database, the queue service and Redis at the same time. A failure is logged with its
 * cause, which callers do not see.
 */
export function createReadiness(dependencies: Dependencies): () => Promise<Checks> {
  let latest: Promise<Checks> | undefined;
  let isPending = false;
  let askedAt = 0;
  return () => {
    // All callers wait for the same slow answer: checks must not pile up on a dependency in trouble.
    const isShared = isPending || performance.now() - askedAt < sharedMilliseconds;
    if (latest && isShared) return latest;
    askedAt = performance.now();
    isPending = true;
    latest = check(dependencies).finally(() => (isPending = false));
    return latest;
  };
}

/** How long an answer is reused: anyone may ask, and each check costs the dependencies something. */
const sharedMilliseconds = 1000;

async function check(dependencies: Dependencies): Promise<Checks> {
  const { database, checkTables, queues, redis, checkMail, breachedPasswords, checkAnchors } = dependencies;
  let mail: MailCheck = { status: "unknown", waiting: 0, dead: 0, held_back_until: null };
  const [databaseCheck, queueCheck, redisCheck, anchors] = await Promise.all([
    timed("database", async () => {
      await database.ping();
      await checkTables();
      mail = await checkMail();
    }),
    queues ? timed("queue", () => queues.ping()) : notConfigured,
    redis ? timed("redis", () => redis.ping()) : notConfigured,
    checkAnchors().catch((): AnchorCheck => ({ status: "unknown", last_at: null })),
  ]);
  const breached = { status: breachedPasswords() };
  return {
    database: databaseCheck,
    queue: queueCheck,
    redis: redisCheck,
    mail,
    breached_passwords: breached,
    audit_anchors: anchors,
  };
}

const notConfigured: Check = { status: "not configured" };

async function timed(dependency: string, ping: () => Promise<void>): Promise<Check> {
  const startedAt = performance.now();
  const outcome = await ping().then(
    () => ({ status: "up" as const }),
    (error: unknown) => {
      log("warn", "dependency.down", { dependency, cause: describeError(error) });
      return { status: "down" as const, ...(error instanceof DatabaseUnavailable && { reason: error.reason }) };
    },
  );
  return { ...outcome, latency_ms: Math.round((performance.now() - startedAt) * 10) / 10 };
}
