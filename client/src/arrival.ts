import type { SignIn } from "./api.ts";
import { answers, type Attempt } from "./authorization-code.ts";
import { mayPass } from "./errors.ts";
import { keys, type TokenStorage } from "./storage.ts";

/** A provider's answer to an attempt, and the URL that it is in. */
export interface Arrival {
  readonly attempt: Attempt;
  readonly url: URL;
}

/**
 * Finishes the sign-in with whose answer this page was opened, if it was.
 * @param finish posts the code
 * @returns a function that gives undefined when there is nothing to finish
 */
export function finishArrivals(
  storage: TokenStorage,
  finish: (arrival: Arrival) => Promise<SignIn>,
): () => Promise<SignIn | undefined> {
  let arrival: Arrival | undefined;
  return async () => {
    arrival ??= await findArrival(storage);
    if (!arrival) return undefined;
    try {
      const signedIn = await finish(arrival);
      arrival = undefined;
      return signedIn;
    } catch (error) {
      if (!mayPass(error)) arrival = undefined;
      throw error;
    }
  };
}

async function findArrival(storage: TokenStorage): Promise<Arrival | undefined> {
  const url = globalThis.location === undefined ? undefined : new URL(location.href);
  if (!url?.searchParams.has("state")) return undefined;
  const attempt = readAttempt(await storage.getItem(keys.attempt));
  if (!attempt || !answers(url, attempt)) return undefined;
  // Once: neither the code nor the attempt is good for a second time, and neither is to stay in the address bar.
  await storage.removeItem(keys.attempt);
  history.replaceState(history.state, "", attempt.redirectUri);
  return { attempt, url };
}

function readAttempt(text: string | null | undefined): Attempt | undefined {
  try {
    return text ? (JSON.parse(text) as Attempt) : undefined;
  } catch {
    return undefined;
  }
}
