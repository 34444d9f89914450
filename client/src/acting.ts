import type { User } from "./api.ts";
import { LatchkeyError, method } from "./errors.ts";
import { insidesOf, type Insides } from "./insides.ts";
import type { Call } from "./service.ts";
import type { Session } from "./session.ts";

/** Who acts: a client, or the outcome of `withProof`. */
export interface Holder {
  readonly fetch: typeof fetch;
  /** Has the person prove who they are when a change needs it; the change then continues. */
  readonly prove?: Prove | undefined;
}

/** @returns undefined if the person gave up */
type Prove = (inside: Insides, user: User) => Promise<User | undefined>;

/** A client's insides, and how to get a proof of its person. */
export interface Actor {
  readonly inside: Insides;
  readonly prove: Prove | undefined;
  /** The only person it may act for, if already settled. */
  readonly user?: User;
}

/** Carries out a call of the package for whoever acts. It never throws. @throws LatchkeyError by rejecting */
export const acting = <T>(holder: Holder, run: (actor: Actor) => Promise<T>): Promise<T> =>
  method(async () => run({ inside: insidesOf(holder), prove: holder.prove }))();

export const isCode = (error: unknown, ...codes: readonly string[]): error is LatchkeyError =>
  error instanceof LatchkeyError && codes.includes(error.code);

/** The session, with a valid access token. @param user who it must belong to: by default, whoever is signed in now */
export async function signedIn({ keeper }: Insides, user = keeper.session?.user): Promise<Session> {
  await keeper.accessToken();
  return sessionOf(keeper.session, user);
}

export function sessionOf(session: Session | undefined, user = session?.user): Session {
  if (!session) throw new LatchkeyError("UNAUTHENTICATED", "Nobody is signed in");
  if (session.user.id !== user?.id) throw new LatchkeyError("UNAUTHENTICATED", "Somebody else has signed in since");
  return session;
}

/**
 * Makes a call that needs the session's own refresh token as well as the access token, and perhaps a proof.
 * @param call.isLast whether it ends the session
 */
export async function confirmed<T>(
  actor: Actor,
  path: string,
  { isLast, ...call }: Call & { readonly isLast?: boolean } = {},
): Promise<T> {
  const { service, transport, keeper } = actor.inside;
  return puttingRight(actor, async (user) => {
    let answer: T | undefined;
    const send = async () => {
      const { accessToken } = sessionOf(keeper.session, user);
      const body = { ...call.body, ...(await transport.credentials()) };
      answer = await service<T>(path, { ...call, body, accessToken });
    };
    const end = async () => {
      await send();
      await transport.forget();
      return undefined;
    };
    // In turn, because a renewal in between would replace the refresh token that is being sent.
    await (isLast ? keeper.change(end) : keeper.inTurn(send));
    return answer as T;
  });
}

/**
 * Runs a task for a person, and fixes each kind of refusal once: an expired access token; an access token and refresh
 * token of different sessions, because another tab replaced one; a sign-in that is too old.
 */
export async function puttingRight<T>(actor: Actor, task: (user: User) => Promise<T>): Promise<T> {
  const { inside, prove } = actor;
  const { keeper } = inside;
  const { user } = await signedIn(inside, actor.user);
  const putRight = new Set<string>();
  for (;;) {
    const { accessToken } = await signedIn(inside, user);
    try {
      return await task(user);
    } catch (error) {
      if (!isCode(error, ...mendable) || putRight.has(error.code)) throw error;
      if (error.code !== "REAUTHENTICATION_REQUIRED") await keeper.refresh();
      // Another tab may have got the proof in the meantime.
      else if (prove && keeper.session?.accessToken !== accessToken) continue;
      else if (!(await prove?.(inside, user))) throw error;
      putRight.add(error.code);
    }
  }
}

const mendable = ["REAUTHENTICATION_REQUIRED", "SESSION_PROOF_REQUIRED", "TOKEN_EXPIRED", "UNAUTHENTICATED"];
