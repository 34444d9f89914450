import { LatchkeyError, mayPass } from "./errors.ts";

/**
 * How long after a refresh token was first sent it may be sent again. The service takes a used one for stolen ten seconds after
 * its use, and whether an answer that was lost had used it nobody here can know.
 */
const withinMs = 8000;

/** How long an answer is waited for before the same is asked once more. */
const duplicateAfterMs = 5000;

/** Repeats what fails for reasons that may pass, after the seconds that the service asks for, or soon, or not at all. */
export async function persistently<T>(attempt: () => Promise<T>, isOver: () => boolean): Promise<T> {
  const since = Date.now();
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!mayPass(error) || isOver()) throw error;
      const waitMs = Math.max(error.retryAfterSeconds ?? 0, tries) * 1000 * (1 + Math.random() / 5);
      if (Date.now() - since + waitMs > withinMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/** Sends once more what is not answered for a while, and takes the first answer that is good or final. */
export function twice<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  return new Promise<T>((resolve, reject) => {
    let underWay = 0;
    const start = () => {
      underWay += 1;
      send(abort.signal).then(resolve, (error: unknown) => {
        underWay -= 1;
        if (underWay === 0 || !mayPass(error)) reject(error);
      });
    };
    const timer = setTimeout(start, duplicateAfterMs);
    abort.signal.addEventListener("abort", () => clearTimeout(timer));
    start();
    // What comes later must not set a cookie after somebody else has signed in.
  }).finally(() => abort.abort());
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
    /** It has answered somebody. */
    lift: (): void => {
      last = undefined;
    },
    note: (error: unknown): never => {
      if (error instanceof LatchkeyError && error !== last?.error) last = { error, since: Date.now() };
      throw error;
    },
  };
}
