import type { User } from "../../client/src/index.ts";
import { ifAllowed } from "./if-allowed.ts";

const key = "latchkey page: who left for a provider";

/** Remembers who leaves this page to sign in at a provider again. */
export function noteLeaving({ id }: User): void {
  ifAllowed(() => sessionStorage.setItem(key, id));
}

/** Forgets it: a person who signs in or out here has not left the page. */
export function forgetLeaving(): void {
  ifAllowed(() => sessionStorage.removeItem(key));
}

/**
 * Whether someone else came back than the person who left: a provider's page does not know who is signed in here, and a
 * sign-in there starts a session for that person. Reported only once.
 */
export function isSomebodyElse(user: User | undefined): boolean {
  const left = ifAllowed(() => sessionStorage.getItem(key));
  forgetLeaving();
  return Boolean(left && user && user.id !== left);
}
