/** How long sessions live, and how many an account may have. */
export interface SessionLimits {
  readonly idleSeconds: number;
  readonly absoluteSeconds: number;
  readonly graceSeconds: number;
  readonly perAccount: number;
  /** For how long a session's status index is kept after its end. */
  readonly placeKeptSeconds: (now: Date) => number;
}
