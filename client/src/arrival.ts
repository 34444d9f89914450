import type { SignIn } from "./api.ts";
import { answers, type Attempt } from "./authorization-code.ts";
import { mayPass } from "./errors.ts";
import { putItem, type TokenStorage } from "./storage.ts";

const key = "latchkey.attempts";

/** So many may be under way at once, in tabs of their own, and for so long. */
const [mostAttempts, longestMs] = [4, 600_000];

/** A provider's answer to an attempt, and the URL that it is in. */
export interface Arrival {
  readonly attempt: Attempt;
  readonly url: URL;
}

/**
 * Sign-ins at providers that take this page's place: what must be kept until the browser comes back.
 * @param post posts the code of an answer
 */
export function keepAttempts(storage: TokenStorage, post: (arrival: Arrival) => Promise<SignIn>) {
  let arrival: Arrival | undefined;

  async function read(): Promise<Attempt[]> {
    try {
      const attempts = JSON.parse((await storage.getItem(key)) ?? "[]") as Attempt[];
      return attempts.filter(({ begunAt }) => Math.abs(Date.now() - begunAt) < longestMs);
    } catch {
      return [];
    }
  }

  const write = (attempts: readonly Attempt[]) =>
    putItem(storage, key, attempts.length > 0 ? JSON.stringify(attempts) : undefined);

  async function find(): Promise<Arrival | undefined> {
    const url = globalThis.location && new URL(location.href);
    if (!url?.searchParams.has("state")) return undefined;
    const attempts = await read();
    const attempt = attempts.find((one) => answers(url, one));
    if (!attempt) return undefined;
    // Once: neither the code nor the attempt is good for a second time, and neither is to stay in the address bar.
    await write(attempts.filter((one) => one !== attempt));
    history.replaceState(history.state, "", attempt.redirectUri);
    return { attempt, url };
  }

  /** Forgets an answer that could not be finished: somebody has signed in, or out, by another way. */
  const drop = () => {
    arrival = undefined;
  };

  return {
    begin: async (attempt: Attempt) => write([attempt, ...(await read())].slice(0, mostAttempts)),
    /** Finishes the sign-in with whose answer this page was opened. @returns undefined when there is nothing to finish */
    async finish(): Promise<SignIn | undefined> {
      arrival ??= await find();
      if (!arrival) return undefined;
      try {
        return await post(arrival);
      } catch (error) {
        if (!mayPass(error)) drop();
        throw error;
      }
    },
    drop,
  };
}
