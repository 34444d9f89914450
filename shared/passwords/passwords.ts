import { availableParallelism } from "node:os";
import { createBounded, type Bounds } from "./bounded.ts";
import { loadPasswordEngine, type Argon2Parameters, type PasswordEngine } from "./engine.ts";
import { normalisePassword } from "./policy.ts";

/** Hashing and verifying passwords with Argon2id, a bounded number at a time. */
export interface Passwords {
  /** A new PHC string. @throws ApiError OVERLOADED */
  hash(password: string): Promise<string>;
  /**
   * Whether `password` made `hash`. Without a hash the answer is false after the same work, so that nobody learns from
   * the time whether an account exists. @throws ApiError OVERLOADED
   */
  verify(password: string, hash: string | null | undefined): Promise<boolean>;
  /** Whether `hash` was made with other parameters than today's. */
  isOutdated(hash: string): boolean;
}

/**
 * One job more than there are cores keeps them busy between two jobs. Three at most: libuv runs four at a time, and
 * signatures need a place beside them. The queue clears in about a second.
 */
const defaultBounds: Bounds = { concurrency: Math.min(availableParallelism() + 1, 3), maxWaiting: 100 };

/**
 * @param parameters the cost of new hashes
 * @param engine how the engine is loaded, at the first use
 * @param bounds how many jobs run and wait
 */
export function createPasswords(
  parameters: Argon2Parameters,
  engine: () => Promise<PasswordEngine> = loadPasswordEngine,
  bounds: Bounds = defaultBounds,
): Passwords {
  const inTurn = createBounded(bounds);
  let loaded: Promise<{ engine: PasswordEngine; decoy: string }> | undefined;
  const load = async () => {
    const ready = await engine();
    return { engine: ready, decoy: await ready.hash("the password of no account", parameters) };
  };
  const tools = () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
  const isOutdated = (hash: string) => !hasParameters(hash, parameters);
  return {
    async hash(password) {
      const { engine: ready } = await tools();
      return inTurn(() => ready.hash(normalisePassword(password), parameters));
    },
    async verify(password, hash) {
      const { engine: ready, decoy } = await tools();
      const check = (phc: string) => inTurn(() => ready.verify(phc, normalisePassword(password)));
      if (typeof hash !== "string") {
        await check(decoy);
        return false;
      }
      // A hash with yesterday's cost takes another time than that of no account: today's work is done beside it.
      const [isMatch] = await Promise.all([check(hash), isOutdated(hash) ? check(decoy) : false]);
      return isMatch;
    },
    isOutdated,
  };
}

function hasParameters(hash: string, { memoryKib, iterations, parallelism }: Argon2Parameters): boolean {
  const fields = new Set(hash.split("$")[3]?.split(","));
  return (
    hash.startsWith("$argon2id$") &&
    fields.has(`m=${memoryKib}`) &&
    fields.has(`t=${iterations}`) &&
    fields.has(`p=${parallelism}`)
  );
}
