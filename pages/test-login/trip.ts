import type { User } from "../../client/src/index.ts";

const key = "latchkey test page: who left for a provider";

/** Notes who leaves this page to sign in at a provider again. */
export function noteLeaving({ id }: User): void {
  ifAllowed(() => sessionStorage.setItem(key, id));
}

/** A person who signs in or out in the page has not left it after all. */
export function forgetLeaving(): void {
  ifAllowed(() => sessionStorage.removeItem(key));
}

/**
 * Whether a different person came back than the one who left: a provider's page knows nothing of who is signed in
 * here, and a sign-in there starts a session for that person. It is told once.
 */
export function isSomebodyElse(user: User | undefined): boolean {
  const left = ifAllowed(() => sessionStorage.getItem(key));
  forgetLeaving();
  return Boolean(left && user && user.id !== left);
}

/** Where the browser blocks its storage nothing is noted. */
function ifAllowed<T>(task: () => T): T | undefined {
  try {
    return task();
  } catch {
    return undefined;
  }
}
