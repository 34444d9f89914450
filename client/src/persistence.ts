import { LatchkeyError, mayPass } from "./errors.ts";

/**
 * How long after a refresh token was first sent it may be sent again. The service takes a used one for stolen ten seconds after
 * its use, and whether an answer that was lost had used it nobody here can know.
 */
export const withinMs = 8000;

/** How long an answer is waited for before the same is asked once more. */
const duplicateAfterMs = 5000;

/**
 * Repeats what fails for reasons that may pass, after the seconds that the service asks for, or soon, or not at all.
 * @param attempt calls what it is given when the token is about to be sent: it says whether that is the first time, and throws
 * when it is too late for another
 */
export async function persistently<T>(attempt: (send: () => boolean) => Promise<T>, isOver: () => boolean): Promise<T> {
  let sentAt: number | undefined;
  let last: unknown;
  const elapsedMs = () => (sentAt === undefined ? 0 : Date.now() - sentAt);
  const send = () => {
    // Between the tries this tab may have waited for another.
    if (elapsedMs() > withinMs) throw last;
    const isFirst = sentAt === undefined;
    sentAt ??= Date.now();
    return isFirst;
  };
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt(send);
    } catch (error) {
      if (!mayPass(error) || isOver()) throw error;
      last = error;
      const waitMs = Math.max(error.retryAfterSeconds ?? 0, tries) * 1000 * (1 + Math.random() / 5);
      if (elapsedMs() + waitMs > withinMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}

/**
 * Sends once more what is not answered for a while, and takes the first answer that is good or final.
 * @param isFirst whether it is not a repeat already, for which once more would be too late
 */
export function twice<T>(isFirst: boolean, send: (signal: AbortSignal) => Promise<T>): Promise<T> {
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
    const timer = isFirst ? setTimeout(start, duplicateAfterMs) : undefined;
    abort.signal.addEventListener("abort", () => clearTimeout(timer));
    start();
    // A late answer must not set a cookie after another person has signed in.
  }).finally(() => abort.abort());
}

/** Holds back every caller until the service wants to be asked again. */
export function createPause() {
  let last: { readonly error: LatchkeyError; readonly since: number } | undefined;
  return {
    /** @throws LatchkeyError the service's last answer, while it asks for patience */
    check: (): void => {
      const waitedMs = last ? Date.now() - last.since : 0;
      if (last && waitedMs >= 0 && waitedMs < (last.error.retryAfterSeconds ?? 0) * 1000) throw last.error;
      last = undefined;
    },
    /** It has answered a call. */
    lift: (): void => {
      last = undefined;
    },
    note: (error: unknown): never => {
      if (error instanceof LatchkeyError && error !== last?.error) last = { error, since: Date.now() };
      throw error;
    },
  };
}
