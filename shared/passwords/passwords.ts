import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { systemClock, type Clock } from "../platform/clock.ts";
import { log } from "../platform/log.ts";
import { hashParameters } from "../platform/phc.ts";
import { createBounded, type Bounds } from "./bounded.ts";
import { loadPasswordEngine, type Argon2Parameters, type PasswordEngine } from "./engine.ts";
import { createGenerations, type ReadGenerations } from "./generations.ts";
import { normalisePassword } from "./text.ts";

/** Hashes and verifies passwords with Argon2id, a bounded number at a time. */
export interface Passwords {
  /** @returns a new PHC string @throws ApiError OVERLOADED */
  hash(password: string): Promise<string>;
  /**
   * Whether `hash` is a hash of `password`. Every call, even without a hash, does one hash of each generation of
   * parameters that accounts have, so that the time does not reveal whether an account exists.
   * @throws ApiError OVERLOADED, or DATABASE_UNAVAILABLE if the generations could not be read yet
   */
  verify(password: string, hash: string | null | undefined): Promise<boolean>;
  /** Whether `hash` has other parameters than new hashes get. */
  isOutdated(hash: string): boolean;
}

export interface PasswordOptions {
  /** Loads the engine, on first use. */
  readonly engine?: () => Promise<PasswordEngine>;
  /** How many jobs may run and wait. */
  readonly bounds?: Bounds;
  /** Reads the parameters in use; only today's unless given. */
  readonly generations?: ReadGenerations;
  readonly clock?: Clock;
}

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
      // One after the other, in one place of the queue, so that a caller cannot make several hashes take memory at
      // once.
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

/**
 * One job more than there are cores keeps them busy between jobs. At most three: libuv runs four threads, and
 * signatures need one of them. With one generation of parameters the queue clears in about a second.
 */
const defaultBounds: Bounds = { concurrency: Math.min(availableParallelism() + 1, 3), maxWaiting: 100 };

/** A random text in the form of a hash with these parameters: verifying it costs the same. */
function decoyOf(parameters: string): string {
  const random = (bytes: number) => randomBytes(bytes).toString("base64").replaceAll("=", "");
  return `${parameters}$${random(16)}$${random(32)}`;
}

/** Returns false for parameters that the engine rejects, whether of a real hash or of a decoy. */
async function tryVerify(engine: PasswordEngine, phc: string, password: string): Promise<boolean> {
  try {
    return await engine.verify(phc, password);
  } catch {
    // The event names the parameters only: the engine's own message may quote the hash.
    log("error", "password.hash_unreadable", { parameters: hashParameters(phc), engine: engine.name });
    return false;
  }
}
