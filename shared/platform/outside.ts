import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Runs work outside the call that happens to begin it: with its own time limit and its own log lines, which may come when the
 * call has ended.
 */
export const outsideAnyCall: <A extends unknown[], R>(work: (...args: A) => R, ...args: A) => R =
  AsyncLocalStorage.snapshot();
