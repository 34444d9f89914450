import type { Invoke } from "./invoke.ts";

/** Something that calls functions by itself: a timer or a queue. */
export interface Job {
  /** Makes no more calls; resolves when those in flight have ended. */
  readonly close: () => Promise<void>;
}

/** What a job needs from its host. */
export interface JobHost {
  readonly invoke: Invoke;
  readonly log: (line: string) => void;
}

/** An instant as .NET writes it in JSON: `2026-11-22T18:00:00+00:00`. */
export function formatInstant(instant: Date): string {
  return instant.toISOString().replace(/\.\d+Z$/, "+00:00");
}
