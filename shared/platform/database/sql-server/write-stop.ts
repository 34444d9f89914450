import type { DatabaseUnavailable } from "../errors.ts";

/**
 * Remembers that a database rejects writes although it answers reads, which the readiness check's own query cannot see.
 */
export class WriteStop {
  #refusal: DatabaseUnavailable | undefined;
  #at = 0;

  note(refusal: DatabaseUnavailable): void {
    this.#refusal = refusal;
    this.#at = performance.now();
  }

  /** A write succeeded. */
  clear(): void {
    this.#refusal = undefined;
  }

  /** Why writes were recently rejected, if they were. */
  current(): DatabaseUnavailable | undefined {
    return performance.now() - this.#at < keptMilliseconds ? this.#refusal : undefined;
  }
}

/** How long a refused write counts: after that, the next write finds out. */
const keptMilliseconds = 30_000;
