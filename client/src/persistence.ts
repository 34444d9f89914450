import { LatchkeyError, mayPass } from "./errors.ts";

/** Longest that a caller is made to wait for what the service asks to be tried again later. */
const longestRetryAfterSeconds = 10;

/** After so many tries the caller is told. They follow one another within the service's grace for a lost answer. */
const mostTries = 3;

/** Repeats what fails for reasons that may pass, after the seconds that the service asks for, or soon. */
export async function persistently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      const seconds = mayPass(error) ? (error.retryAfterSeconds ?? tries) : Number.POSITIVE_INFINITY;
      if (tries === mostTries || seconds > longestRetryAfterSeconds) throw error;
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
