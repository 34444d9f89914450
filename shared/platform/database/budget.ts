import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { log } from "../log.ts";
import { DatabaseUnavailable } from "./errors.ts";

/** How long a call may go on. Instants of `performance.now()`. */
export interface Budget {
  /** No attempt begins after this. */
  readonly retryUntil: number;
  /** What is still running then is given up. */
  readonly endsAt: number;
}

/** What the last attempt of a budget may take: the wait for a connection, and the statements on it. */
const lastAttemptMilliseconds = 15_000;
const longestPauseMilliseconds = 2000;

const budgets = new AsyncLocalStorage<Budget>();

/** Runs `work` so that all of its queries together have this budget, or what is left of the one around it if that is less. */
export function withinBudget<T>(budget: Budget, work: () => T): T {
  return budgets.run(budget, work);
}

/**
 * The budget around the caller, or one of its own that begins now, if that ends sooner.
 * @param lastMilliseconds how long the last attempt may take; 15 seconds unless given
 */
export function currentBudget(milliseconds: number, lastMilliseconds = lastAttemptMilliseconds): Budget {
  const retryUntil = performance.now() + milliseconds;
  const outer = budgets.getStore();
  return outer && outer.retryUntil < retryUntil ? outer : { retryUntil, endsAt: retryUntil + lastMilliseconds };
}

/** Runs `attempt` again while `budget` lasts and `isWorthIt` says so of what it throws, with full jitter between. */
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
      // Full jitter, so that callers who failed together do not come back together.
      await sleep(Math.min(Math.random() * pauseMilliseconds, leftMilliseconds));
    }
  }
}

/**
 * Runs a single write again when it is not known whether it took effect. Only for a write that a second run leaves as it
 * is, by its keys or its conditions: see docs/decisions/0010-lost-commits.md.
 */
export function repeatable<T>(write: () => Promise<T>): Promise<T> {
  return withRetry(currentBudget(defaultBudgetMilliseconds), write, (error) => error.isEffectUnknown);
}

/** For a write outside any call: a command's, or a test's. */
const defaultBudgetMilliseconds = 25_000;
