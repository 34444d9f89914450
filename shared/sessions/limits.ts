/** How long sessions live, and how many an account may have. Lifetimes are in seconds. */
export interface SessionLimits {
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
  readonly graceSeconds: number;
  readonly perAccount: number;
  /** How long after its end a session keeps its status index. */
  readonly statusIndexKeptSeconds: (now: Date) => number;
}
