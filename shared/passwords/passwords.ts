import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { systemClock, type Clock } from "../platform/clock.ts";
import { log } from "../platform/log.ts";
import { hashParameters } from "../platform/phc.ts";
import { createBounded, type Bounds } from "./bounded.ts";
import { loadPasswordEngine, type Argon2Parameters, type PasswordEngine } from "./engine.ts";
import { createGenerations, type ReadGenerations } from "./generations.ts";
import { normalisePassword } from "./policy.ts";

/** Hashing and verifying passwords with Argon2id, a bounded number at a time. */
export interface Passwords {
  /** A new PHC string. @throws ApiError OVERLOADED */
  hash(password: string): Promise<string>;
  /**
   * Whether `password` made `hash`. Each call does one hash of every generation of parameters that accounts have, whichever
   * is this account's and with no hash too, so that nobody learns from the time whether an account exists.
   * @throws ApiError OVERLOADED, or DATABASE_UNAVAILABLE where the generations were not to be had yet
   */
  verify(password: string, hash: string | null | undefined): Promise<boolean>;
  /** Whether `hash` was made with other parameters than today's. */
  isOutdated(hash: string): boolean;
}

export interface PasswordOptions {
  /** How the engine is loaded, at the first use. */
  readonly engine?: () => Promise<PasswordEngine>;
  /** How many jobs run and wait. */
  readonly bounds?: Bounds;
  /** Which parameters the accounts' hashes have; none but today's unless given. */
  readonly generations?: ReadGenerations;
  readonly clock?: Clock;
}

/**
 * One job more than there are cores keeps them busy between two jobs. Three at most: libuv runs four at a time, and
 * signatures need a place beside them. With one generation of parameters the queue clears in about a second.
 */
const defaultBounds: Bounds = { concurrency: Math.min(availableParallelism() + 1, 3), maxWaiting: 100 };

/** @param parameters the cost of new hashes */
export function createPasswords(
  parameters: Argon2Parameters,
  {
    engine = loadPasswordEngine,
    bounds = defaultBounds,
    generations: read = () => Promise.resolve([]),
    clock = systemClock,
  }: PasswordOptions = {},
): Passwords {
  const inTurn = createBounded(bounds);
  const { memoryKib, iterations, parallelism } = parameters;
  const today = `$argon2id$v=19$m=${memoryKib},t=${iterations},p=${parallelism}`;
  const generations = createGenerations(today, read, clock);
  let loaded: Promise<PasswordEngine> | undefined;
  const load = () => {
    loaded ??= engine().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
  return {
    async hash(password) {
      const ready = await load();
      return inTurn(() => ready.hash(normalisePassword(password), parameters));
    },
    async verify(password, hash) {
      const own = typeof hash === "string" ? hashParameters(hash) : undefined;
      if (typeof hash === "string" && own === undefined) log("error", "password.hash_unreadable", {});
      const [ready, counted] = await Promise.all([load(), generations.counted(own)]);
      const text = normalisePassword(password);
      // One after the other in one place of the queue: the memory of several at once is not to be had by asking.
      return inTurn(async () => {
        let isMatch = false;
        for (const generation of counted) {
          const isOwn = typeof hash === "string" && generation === own;
          const matches = await tryVerify(ready, isOwn ? hash : decoyOf(generation), text);
          isMatch ||= isOwn && matches;
        }
        return isMatch;
      });
    },
    isOutdated: (hash) => hashParameters(hash) !== today,
  };
}

/** A hash of no password, by its form one with these parameters: to verify it costs the same. */
function decoyOf(parameters: string): string {
  const random = (bytes: number) => randomBytes(bytes).toString("base64").replaceAll("=", "");
  return `${parameters}$${random(16)}$${random(32)}`;
}

/** Parameters that the engine does not take verify nothing: neither the hash that has them, nor a decoy for everybody else. */
async function tryVerify(engine: PasswordEngine, phc: string, password: string): Promise<boolean> {
  try {
    return await engine.verify(phc, password);
  } catch {
    // Its parameters are in the event; what the engine says may quote the hash.
    log("error", "password.hash_unreadable", { parameters: hashParameters(phc), engine: engine.name });
    return false;
  }
}
