import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { log } from "../log.ts";
import { DatabaseUnavailable } from "./errors.ts";

/** How long a call may take, as instants of `performance.now()`. */
export interface Budget {
  /** No attempt starts after this. */
  readonly retryUntil: number;
  /** Whatever is still running then is given up. */
  readonly endsAt: number;
}

/** Runs `work` so that all its queries share this budget, or what is left of the surrounding one if that is less. */
export function withinBudget<T>(budget: Budget, work: () => T): T {
  return budgets.run(budget, work);
}

/** How long the last attempt of a budget may take: waiting for a connection, and its statements. */
const lastAttemptMilliseconds = 15_000;
const longestPauseMilliseconds = 2000;

const budgets = new AsyncLocalStorage<Budget>();

/**
 * The surrounding budget, or a new one that starts now if that ends sooner.
 * @param milliseconds how long attempts may start
 * @param lastMilliseconds how long the last attempt may take; 15 seconds unless given
 */
export function currentBudget(milliseconds: number, lastMilliseconds = lastAttemptMilliseconds): Budget {
  const retryUntil = performance.now() + milliseconds;
  const outer = budgets.getStore();
  return outer && outer.retryUntil < retryUntil ? outer : { retryUntil, endsAt: retryUntil + lastMilliseconds };
}

/** Retries `attempt` while `budget` lasts and `isWorthIt` accepts the error, with full jitter in between. */
export async function withRetry<T>(
  budget: Budget,
  attempt: () => Promise<T>,
  isWorthIt: (error: DatabaseUnavailable) => boolean,
): Promise<T> {
  for (let pauseMilliseconds = 50; ; pauseMilliseconds = Math.min(pauseMilliseconds * 2, longestPauseMilliseconds)) {
    try {
      return await attempt();
    } catch (error) {
      const leftMilliseconds = budget.retryUntil - performance.now();
      const mayRetry = error instanceof DatabaseUnavailable && error.isTransient && isWorthIt(error);
      if (!mayRetry || leftMilliseconds <= 0) throw error;
      if (pauseMilliseconds === 50) log("warn", "database.retrying", { reason: error.reason });
      // Full jitter, so that callers that failed together do not come back together.
      await sleep(Math.min(Math.random() * pauseMilliseconds, leftMilliseconds));
    }
  }
}

/**
 * Retries a single write if it is unknown whether it took effect. Only for writes whose second run changes nothing,
 * thanks to keys or conditions: see docs/decisions/0010-lost-commits.md.
 */
export function repeatable<T>(write: () => Promise<T>): Promise<T> {
  return withRetry(currentBudget(defaultBudgetMilliseconds), write, (error) => error.isEffectUnknown);
}

/** For writes outside any call: a command's, or a test's. */
const defaultBudgetMilliseconds = 25_000;
