import type { User } from "../../client/src/index.ts";

const key = "latchkey test page: who left for a provider";

/** Notes who leaves this page to sign in at a provider again. */
export function noteLeaving({ id }: User): void {
  ifAllowed(() => sessionStorage.setItem(key, id));
}

/** Whoever signs in, or out, in the page has not left it after all. */
export function forgetLeaving(): void {
  ifAllowed(() => sessionStorage.removeItem(key));
}

/**
 * Whether the person who left has not come back, but somebody else has: a provider's page knows nothing of who is signed in
 * here, and a sign-in there is a session of whoever it is. It is told once.
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
