import { LatchkeyError, mayPass } from "./errors.ts";
import { longTimeLimitMs } from "./service.ts";

/** Longest that a caller is made to wait for what the service asks to be tried again later. */
const longestRetryAfterSeconds = 10;

/**
 * How long each try waits for its answer; after the last one the caller is told. The service takes a used refresh token for
 * stolen 10 seconds after its use: where the answer of that was lost, the next try must come before. Only the last waits for
 * a service that is slow, whose answers to the earlier ones are then as good as lost, too, but not older.
 */
const timeLimitsMs = [8000, 8000, longTimeLimitMs];

/** Repeats what fails for reasons that may pass, after the seconds that the service asks for, or soon. */
export async function persistently<T>(attempt: (timeLimitMs: number | undefined) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(timeLimitsMs[tries - 1]);
    } catch (error) {
      const seconds = mayPass(error) ? (error.retryAfterSeconds ?? tries) : Number.POSITIVE_INFINITY;
      if (tries === timeLimitsMs.length || seconds > longestRetryAfterSeconds) throw error;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000 * (1 + Math.random() / 5)));
    }
  }
}

/** Holds back until the service wants to be asked again, whoever wants to ask. */
export function createPause() {
  let last: { readonly error: LatchkeyError; readonly since: number } | undefined;
  return {
    /** @throws LatchkeyError the service's last answer, while it asks for patience */
    check: (): void => {
      const waitedMs = last ? Date.now() - last.since : 0;
      if (last && waitedMs >= 0 && waitedMs < (last.error.retryAfterSeconds ?? 0) * 1000) throw last.error;
      last = undefined;
    },
    note: (error: unknown): never => {
      if (error instanceof LatchkeyError && error !== last?.error) last = { error, since: Date.now() };
      throw error;
    },
  };
}
