import type { SignIn } from "./api.ts";
import { answers, type Attempt } from "./provider-answer.ts";
import { ifAllowed, LatchkeyError, mayPass } from "./errors.ts";
import type { Store } from "./storage.ts";

const key = "latchkey.attempts";

/** How many attempts may be pending, each in its own tab, and for how long. */
const [mostAttempts, longestMs] = [4, 600_000];

/** A provider's answer to an attempt, and the URL that carries it. */
export interface Arrival {
  readonly attempt: Attempt;
  readonly url: URL;
}

/**
 * Keeps what a sign-in at a provider needs while the browser is away from this page.
 * @param post posts the code of an answer
 */
export function keepAttempts(store: Store, post: (arrival: Arrival) => Promise<SignIn>) {
  let arrival: Arrival | undefined;
  const found = new Set<string>();

  async function read(): Promise<Attempt[]> {
    try {
      const attempts = JSON.parse((await store.read(key)) ?? "[]") as Attempt[];
      return attempts.filter(({ begunAt }) => Math.abs(Date.now() - begunAt) < longestMs);
    } catch {
      return [];
    }
  }

  const write = (attempts: readonly Attempt[]) =>
    store.write(key, attempts.length > 0 ? JSON.stringify(attempts) : undefined);

  async function find(purpose?: string): Promise<Arrival | undefined> {
    const url = ifAllowed(() => new URL(location.href));
    if (!url?.searchParams.has("state")) return undefined;
    const attempts = await read();
    const attempt = attempts.find((one) => one.purpose === purpose && answers(url, one));
    if (!attempt || found.has(attempt.state)) return undefined;
    found.add(attempt.state);
    // Only once: neither the code nor the attempt works again, and neither should stay in the address bar.
    await write(attempts.filter((one) => one !== attempt));
    ifAllowed(() => history.replaceState(history.state, "", attempt.redirectUri));
    return { attempt, url };
  }

  /** Forgets an answer that could not be finished, because the person signed in or out in another way. */
  const drop = () => {
    arrival = undefined;
  };

  return {
    find,
    /** @throws LatchkeyError if the attempt would be lost with the page, so that the sign-in could not succeed */
    async begin(attempt: Attempt): Promise<void> {
      if (!(await write([attempt, ...(await read())].slice(0, mostAttempts))))
        throw new LatchkeyError(
          "PLATFORM_ERROR",
          "Signing in with a provider needs storage or browse, and the storage must keep what it is given",
        );
    },
    /** Finishes the sign-in whose answer opened this page. @returns undefined if there is nothing to finish */
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
