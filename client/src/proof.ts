import type { ProviderGrant, User } from "./api.ts";
import { askingAgain, readCode } from "./provider-answer.ts";
import { LatchkeyError, mayPass, method } from "./errors.ts";
import { insidesOf, type Insides } from "./insides.ts";
import type { Keeper } from "./keeper.ts";
import { persistently, withinMs } from "./persistence.ts";
import type { Call } from "./service.ts";
import { timed, type Session } from "./session.ts";
import { thisPage } from "./transport.ts";

/**
 * How a person proves who they are again: with the password; by signing in once more at a provider; or with what an app
 * already got from a provider, as in `POST /auth/oauth/{provider}`.
 */
export type Proof =
  | { readonly password: string }
  | { readonly provider: string; readonly redirectTo?: string }
  | ({ readonly provider: string } & ProviderGrant);

/**
 * Asks a person for a proof, once for all the changes that are waiting for one. @param fault why the last proof was
 * refused @returns undefined if the person gave up
 */
export type AskForProof = (user: User, fault: LatchkeyError | undefined) => Promise<Proof | undefined>;

/** How many proofs a person may get wrong before the caller gets the error. */
const mostProofs = 3;

/** Who acts: a client, or the outcome of `withProof`. */
export interface Holder {
  readonly fetch: typeof fetch;
  /** Asks the person when a change needs a fresh sign-in; the change then continues. */
  readonly askForProof?: AskForProof | undefined;
}

/** A client's insides, and how to ask its person for a proof. */
export interface Actor {
  readonly inside: Insides;
  readonly ask: AskForProof | undefined;
  /** The only person it may act for, if already settled. */
  readonly user?: User;
}

/** Carries out a call of the package for whoever acts. It never throws. @throws LatchkeyError by rejecting */
export const acting = <T>(holder: Holder, run: (actor: Actor) => Promise<T>): Promise<T> =>
  method(async () => run({ inside: insidesOf(holder), ask: holder.askForProof }))();

export const isCode = (error: unknown, ...codes: readonly string[]): error is LatchkeyError =>
  error instanceof LatchkeyError && codes.includes(error.code);

/** The session, with a valid access token. @param user who it must belong to: by default, whoever is signed in now */
export async function signedIn({ keeper }: Insides, user = keeper.session?.user): Promise<Session> {
  await keeper.accessToken();
  return sessionOf(keeper.session, user);
}

function sessionOf(session: Session | undefined, user = session?.user): Session {
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
async function puttingRight<T>(actor: Actor, task: (user: User) => Promise<T>): Promise<T> {
  const { inside, ask } = actor;
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
      else if (ask && keeper.session?.accessToken !== accessToken) continue;
      else if (!ask || !(await askOnce(inside, user, ask))) throw error;
      putRight.add(error.code);
    }
  }
}

const mendable = ["REAUTHENTICATION_REQUIRED", "SESSION_PROOF_REQUIRED", "TOKEN_EXPIRED", "UNAUTHENTICATED"];

/** Joins a question that is already open. @returns undefined if the person gave up */
function askOnce(inside: Insides, user: User, ask: AskForProof): Promise<User | undefined> {
  const { asking } = inside;
  const answer = asking.get(user.id) ?? askAndReauthenticate(inside, user, ask).finally(() => asking.delete(user.id));
  asking.set(user.id, answer);
  return answer;
}

/** @returns undefined if the person gave up */
async function askAndReauthenticate(inside: Insides, user: User, ask: AskForProof): Promise<User | undefined> {
  let fault: LatchkeyError | undefined;
  for (let proofs = 1; ; proofs += 1) {
    const proof = await ask(user, fault);
    if (!proof) return undefined;
    try {
      return await proveAgain(inside, proof, user);
    } catch (error) {
      if (!isCode(error, "INVALID_CREDENTIALS") || proofs === mostProofs) throw error;
      fault = error;
    }
  }
}

/** A proof is sent as a renewal, so that lost answers and other tabs are handled in the same way. */
export async function proveAgain(inside: Insides, given: Proof, asked?: User): Promise<User | undefined> {
  const { transport, keeper } = inside;
  const { user } = await signedIn(inside, asked);
  const body = await complete(inside, given);
  if (!body) return undefined;
  const isOver = () => keeper.untilClosed.aborted;
  // The trip to the provider may have outlasted the access token.
  const renewed = await puttingRight({ inside, ask: undefined, user }, () => {
    const send = (sending: () => boolean, signal?: AbortSignal) =>
      keeper.change(async () => {
        const { accessToken } = sessionOf(keeper.session, user);
        const renewal = { path: "auth/reauthenticate", body, accessToken, ...(signal && { signal }) };
        return timed(() => transport.renew(sending(), renewal));
      });
    return "code" in body ? once(keeper, send) : persistently(send, isOver);
  });
  return sessionOf(renewed, user).user;
}

/**
 * Sends something that works only once, such as a provider's code. Without an answer the refresh token sent with it may
 * be used up; the service hands out its successor for a short while, so fetch that before telling the caller.
 */
async function once<T>(keeper: Keeper, send: (sending: () => boolean, signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const sending = () => {
    timer = setTimeout(() => abort.abort(), withinMs);
    return true;
  };
  try {
    return await send(sending, abort.signal);
  } catch (error) {
    if (mayPass(error)) await keeper.refresh().catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The proof as the service expects it; undefined if it was cancelled, or if the browser leaves this page to sign in
 * again.
 */
async function complete({ transport, provider }: Insides, proof: Proof): Promise<object | undefined> {
  if (!("provider" in proof) || "code" in proof || "id_token" in proof || "access_token" in proof) return proof;
  const { redirectTo = thisPage() } = proof as { readonly redirectTo?: string };
  const at = askingAgain(await provider(proof.provider));
  const arrival = await transport.authorize?.(at, redirectTo);
  if (arrival) return { provider: at.name, ...readCode(arrival.url, arrival.attempt) };
  if (!transport.authorize) await transport.goTo(at, redirectTo);
  return undefined;
}
