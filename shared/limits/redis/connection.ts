import { once } from "node:events";
import type { RedisClientType } from "@redis/client";
import { systemClock } from "../../platform/clock.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import { credentialOf } from "../../platform/identity.ts";
import { describeError, log } from "../../platform/log.ts";
import { outsideAnyCall } from "../../platform/outside.ts";
import { createEntraLogin, type TokenSource } from "./entra-login.ts";
import type { RedisServer } from "./settings.ts";

/** A connection to Redis: opened at its first use, and again whenever it is lost. */
export interface RedisConnection {
  /**
   * Runs commands, which travel in one round trip if they are given at once.
   * @throws ApiError LIMITS_UNAVAILABLE if the server is away, refuses a command or does not answer in time
   */
  run<T>(commands: (client: Commands) => Promise<T>): Promise<T>;
  /** @throws ApiError LIMITS_UNAVAILABLE */
  ping(): Promise<void>;
  close(): void;
}

/** The commands that are used. */
export type Commands = Pick<RedisClientType, "eval" | "evalSha" | "ping">;

export interface RedisOptions {
  /** How long calls wait for a connection that is lost; later ones do not wait any more. 2000 unless given. */
  readonly connectMilliseconds?: number;
  /** How long a call waits for an answer. 2000 unless given. */
  readonly answerMilliseconds?: number;
  /** Gives the tokens to sign in with, instead of the server's identity. */
  readonly tokens?: TokenSource;
  /** The certificates that are trusted, instead of the usual ones. */
  readonly ca?: string;
}

export function createRedisConnection(server: RedisServer, options: RedisOptions = {}): RedisConnection {
  const { connectMilliseconds = 2000, answerMilliseconds = 2000 } = options;
  let link: Link | undefined;
  const openLink = () => (link ??= outsideAnyCall(createLink, outsideAnyCall(createClient, server, options)));
  const run: RedisConnection["run"] = async (commands) => {
    const used = openLink();
    try {
      const client = await used.ready(connectMilliseconds);
      return await answered(commands(client), answerMilliseconds);
    } catch (error) {
      // Whatever else was asked on this connection waits behind what is not answered.
      if (error instanceof Unanswered && link === used) {
        used.close();
        link = undefined;
      }
      throw new ApiError("LIMITS_UNAVAILABLE", { cause: error, retryAfterSeconds: 5 });
    }
  };
  return {
    run,
    ping: async () => void (await run((client) => client.ping())),
    close() {
      link?.close();
      link = undefined;
    },
  };
}

interface Link {
  /** The client once it is connected. @throws Error if it is not within the time, counted from when it was lost */
  ready(milliseconds: number): Promise<RedisClientType>;
  close(): void;
}

/** Connects a client, and keeps it connected. */
function createLink(creating: Promise<RedisClientType>): Link {
  let lostAt: number | undefined;
  let connecting: Promise<unknown> | undefined;
  let isTold = false;
  let isClosed = false;
  const opening = creating.then((client) => {
    client.on("ready", () => {
      lostAt = undefined;
      isTold = false;
    });
    client.on("error", (error: unknown) => {
      // The first of an outage; the client goes on trying.
      if (!isTold) log("warn", "redis.away", { cause: describeError(error) });
      isTold = true;
      lostAt ??= performance.now();
    });
    lostAt = performance.now();
    if (!isClosed) client.connect().catch(() => {});
    return client;
  });
  return {
    async ready(milliseconds) {
      const client = await opening;
      if (client.isReady) return client;
      const left = Math.ceil((lostAt ?? performance.now()) + milliseconds - performance.now());
      if (left <= 0) throw new Error("Redis is away");
      connecting ??= once(client, "ready", { signal: AbortSignal.timeout(left) }).finally(
        () => (connecting = undefined),
      );
      await connecting;
      return client;
    },
    close() {
      isClosed = true;
      opening.then((client) => client.destroy()).catch(() => {});
    },
  };
}

async function createClient({ host, port, isTls, login }: RedisServer, { ca, tokens }: RedisOptions) {
  const { default: redis } = await import("@redis/client");
  const credentials =
    login && "identity" in login
      ? createEntraLogin(
          async () => tokens ?? credentialOf(login.identity),
          () => systemClock.now().getTime(),
        )
      : login;
  return redis.createClient({
    socket: {
      host,
      port,
      ...(isTls && { tls: true as const, ...(ca !== undefined && { ca }) }),
      connectTimeout: 2000,
      // With jitter, so that instances that lost it together do not come back together.
      reconnectStrategy: (retries: number) =>
        Math.min(50 * 2 ** Math.min(retries, 10), 2000) * (0.5 + Math.random() / 2),
    },
    ...(credentials && ("type" in credentials ? { credentialsProvider: credentials } : credentials)),
    // A call waits for a connection itself, and not without end.
    disableOfflineQueue: true,
    commandsQueueMaxLength: 10_000,
    maintNotifications: "disabled",
  }) as RedisClientType;
}

class Unanswered extends Error {
  override readonly name = "Unanswered";
}

/** The answer, if it comes in time. */
async function answered<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Unanswered("Redis did not answer in time")), milliseconds);
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
