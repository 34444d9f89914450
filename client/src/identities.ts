import type { Identities, User } from "./api.ts";
import type { Arrival } from "./arrival.ts";
import { readCode } from "./provider-answer.ts";
import { mayPass } from "./errors.ts";
import { acting, confirmed, isCode, signedIn, type Actor, type Holder } from "./acting.ts";
import { providerName, type Call } from "./service.ts";
import { thisPage } from "./transport.ts";

const path = "auth/me/identities";

/** Keeps one person's link from being finished by another. */
const purposeOf = (user: User) => `link ${user.id}`;

const send = async <T = Identities>(actor: Actor, name: string, call: Call): Promise<T> =>
  confirmed(actor, `${path}/${providerName(name)}`, call);

const post = async (actor: Actor, { attempt, url }: Arrival, user: User): Promise<Identities> =>
  send({ ...actor, user }, attempt.provider, { body: readCode(url, attempt) });

/** The account's sign-in methods. Finishes a pending link first if a provider sent the browser back to this page. */
export function identities(holder: Holder): Promise<Identities> {
  return acting(holder, async (actor) => {
    const { inside } = actor;
    const { user } = await signedIn(inside);
    const purpose = purposeOf(user);
    // Taken right away, so that of two calls at once (the second may come from the prompt itself) only one finishes the
    // link.
    const kept = inside.unfinished;
    inside.unfinished = undefined;
    const answer = kept?.attempt.purpose === purpose ? kept : await inside.transport.arrival?.(purpose);
    if (!answer) return inside.asPerson(path, { method: "GET" });
    try {
      return await post(actor, answer, user);
    } catch (error) {
      if (mayPass(error) || isCode(error, "REAUTHENTICATION_REQUIRED")) inside.unfinished = answer;
      throw error;
    }
  });
}

/**
 * Links an identity: goes to the provider's page, which comes back to `redirectTo` (default: this page). With `browse`,
 * the link is done when this resolves; undefined means it was cancelled.
 */
export function linkIdentity(
  holder: Holder,
  provider: string,
  options?: { readonly redirectTo?: string },
): Promise<Identities | undefined> {
  return acting(holder, async (actor) => {
    const { inside } = actor;
    const redirectTo = options?.redirectTo ?? thisPage();
    if (inside.transport.authorize) {
      const { user } = await signedIn(inside);
      const answer = await inside.transport.authorize(await inside.provider(provider), redirectTo, purposeOf(user));
      return answer && post(actor, answer, user);
    }
    const body = { redirect_to: redirectTo };
    location.assign((await send<{ readonly authorization_url: string }>(actor, provider, { body })).authorization_url);
    return undefined;
  });
}

/** Removes the identities of a provider. This ends the account's other sessions. */
export function unlinkIdentity(holder: Holder, provider: string): Promise<Identities> {
  return acting(holder, (actor) => send(actor, provider, { method: "DELETE" }));
}
