import { LatchkeyError, mayPass } from "./errors.ts";

/**
 * How long a refresh token may be sent again after the first time. Ten seconds after its use the service treats a used
 * token as stolen, and after a lost answer nobody here knows whether it was used.
 */
export const withinMs = 8000;

/** How long to wait for an answer before sending the same request once more. */
const duplicateAfterMs = 5000;

/**
 * Repeats a task whose failure may pass: after the seconds that the service asks for, or else soon.
 * @param attempt must call `send` just before the token is sent: it returns whether this is the first time, and throws
 * if it is too late for another
 * @param isOver stops the repeating
 */
export async function persistently<T>(attempt: (send: () => boolean) => Promise<T>, isOver: () => boolean): Promise<T> {
  let sentAt: number | undefined;
  let last: unknown;
  const elapsedMs = () => (sentAt === undefined ? 0 : Date.now() - sentAt);
  const send = () => {
    // This tab may have waited for another between the tries.
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
 * Sends again what stays unanswered for a while, and takes the first answer that is good or final.
 * @param isFirst false for a repeat, which comes too late to be sent again
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

/** Holds back all calls until the service wants to be asked again. */
export function createPause() {
  let last: { readonly error: LatchkeyError; readonly since: number } | undefined;
  return {
    /** @throws LatchkeyError the service's last answer, as long as it asks to wait */
    check: (): void => {
      const waitedMs = last ? Date.now() - last.since : 0;
      if (last && waitedMs >= 0 && waitedMs < (last.error.retryAfterSeconds ?? 0) * 1000) throw last.error;
      last = undefined;
    },
    /** Call it when a call succeeded. */
    lift: (): void => {
      last = undefined;
    },
    note: (error: unknown): never => {
      if (error instanceof LatchkeyError && error !== last?.error) last = { error, since: Date.now() };
      throw error;
    },
  };
}
