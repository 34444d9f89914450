import type { DatabaseUnavailable } from "../errors.ts";

/** After this time without another the last refusal to write no longer counts: the next write finds out. */
const keptMilliseconds = 30_000;

/** Remembers that a database refuses writes although it answers reads: what the readiness check's own query cannot see. */
export class WriteStop {
  #refusal: DatabaseUnavailable | undefined;
  #at = 0;

  note(refusal: DatabaseUnavailable): void {
    this.#refusal = refusal;
    this.#at = performance.now();
  }

  /** A write was taken. */
  clear(): void {
    this.#refusal = undefined;
  }

  /** Why writes were refused a moment ago, if they were. */
  current(): DatabaseUnavailable | undefined {
    return performance.now() - this.#at < keptMilliseconds ? this.#refusal : undefined;
  }
}
