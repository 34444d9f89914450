import type { Identities, ProviderGrant, User } from "./api.ts";
import type { Arrival } from "./arrival.ts";
import { askingAgain, readCode } from "./authorization-code.ts";
import { LatchkeyError, mayPass, method } from "./errors.ts";
import { insidesOf, type Insides } from "./insides.ts";
import type { Keeper } from "./keeper.ts";
import { persistently, withinMs } from "./persistence.ts";
import { providerName, type Call } from "./service.ts";
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

/** What the signed-in person can do with the account. Methods reject with a `LatchkeyError`. */
export interface Account {
  /** The account's sign-in methods. Finishes a pending link first if a provider sent the browser back to this page. */
  identities(): Promise<Identities>;
  /**
   * Links an identity: goes to the provider's page, which comes back to `redirectTo` (default: this page). With
   * `browse`, the link is done when this resolves; undefined means it was cancelled.
   */
  linkIdentity(provider: string, options?: { readonly redirectTo?: string }): Promise<Identities | undefined>;
  /** Removes the identities of a provider. This ends the account's other sessions. */
  unlinkIdentity(provider: string): Promise<Identities>;
  /**
   * Proves again who is signed in. Changes to sign-in methods require it; without it they fail with
   * `REAUTHENTICATION_REQUIRED`.
   * @returns undefined if cancelled, or if it continues on a provider's page, where someone else may sign in
   */
  reauthenticate(proof: Proof): Promise<User | undefined>;
}

/** How many proofs a person may get wrong before the caller gets the error. */
const mostProofs = 3;

/**
 * @param client made by `createClient`
 * @param options.reauthenticate asks the person when a change requires proof; the change then continues
 */
export function accountOf(
  client: { readonly fetch: typeof fetch },
  options: { readonly reauthenticate?: AskForProof } = {},
): Account {
  const inside = insidesOf(client);
  const { asPerson, transport, provider } = inside;
  /** A link that is not finished yet. Its purpose says whose it is. */
  let arrival: Arrival | undefined;

  /** @param user the only person it may act for, if already settled */
  async function send<T = Identities>(name: string, call: Call, user?: User): Promise<T> {
    const path = `auth/me/identities/${providerName(name)}`;
    return confirmed<T>(inside, { ...call, path }, { user, ask: options?.reauthenticate });
  }

  async function post({ attempt, url }: Arrival, user: User): Promise<Identities> {
    return send(attempt.provider, { body: readCode(url, attempt) }, user);
  }

  async function identities(): Promise<Identities> {
    const { user } = await signedIn(inside);
    const purpose = purposeOf(user);
    // Taken right away, so that of two calls at once (the second may come from the prompt itself) only one finishes the
    // link.
    const kept = arrival;
    arrival = undefined;
    const answer = kept?.attempt.purpose === purpose ? kept : await transport.arrival?.(purpose);
    if (!answer) return asPerson("auth/me/identities", { method: "GET" });
    try {
      return await post(answer, user);
    } catch (error) {
      if (mayPass(error) || isCode(error, "REAUTHENTICATION_REQUIRED")) arrival = answer;
      throw error;
    }
  }

  async function link(name: string, redirectTo = thisPage()): Promise<Identities | undefined> {
    if (transport.authorize) {
      const { user } = await signedIn(inside);
      const answer = await transport.authorize(await provider(name), redirectTo, purposeOf(user));
      return answer && post(answer, user);
    }
    const body = { redirect_to: redirectTo };
    location.assign((await send<{ readonly authorization_url: string }>(name, { body })).authorization_url);
    return undefined;
  }

  return {
    identities: method(identities),
    linkIdentity: method((name, to) => link(name, to?.redirectTo)),
    unlinkIdentity: method((name) => send(name, { method: "DELETE" })),
    reauthenticate: method((proof) => reauthenticate(inside, proof)),
  };
}

const isCode = (error: unknown, ...codes: readonly string[]): error is LatchkeyError =>
  error instanceof LatchkeyError && codes.includes(error.code);

/** Keeps one person's link from being finished by another. */
const purposeOf = (user: User) => `link ${user.id}`;

/** The session, with a valid access token. @param user who it must belong to: by default, whoever is signed in now */
async function signedIn({ keeper }: Insides, user = keeper.session?.user): Promise<Session> {
  await keeper.accessToken();
  return sessionOf(keeper.session, user);
}

function sessionOf(session: Session | undefined, user = session?.user): Session {
  if (!session) throw new LatchkeyError("UNAUTHENTICATED", "Nobody is signed in");
  if (session.user.id !== user?.id) throw new LatchkeyError("UNAUTHENTICATED", "Somebody else has signed in since");
  return session;
}

/** Who a call acts for, and how to ask that person for a proof. */
interface For {
  readonly user: User | undefined;
  readonly ask?: AskForProof | undefined;
}

/** Makes a call that needs the session's own refresh token as well as the access token, and perhaps a proof. */
async function confirmed<T>(inside: Insides, { path, ...call }: Call & { path: string }, by: For): Promise<T> {
  const { service, transport, keeper } = inside;
  return puttingRight(inside, by, (user) =>
    // In turn, because a renewal in between would replace the refresh token that is being sent.
    keeper.inTurn(async () => {
      const { accessToken } = sessionOf(keeper.session, user);
      const body = { ...call.body, ...(await transport.credentials()) };
      return service<T>(path, { ...call, body, accessToken });
    }),
  );
}

/**
 * Runs a task for a person, and fixes each kind of refusal once: an expired access token; an access token and refresh
 * token of different sessions, because another tab replaced one; a sign-in that is too old.
 */
async function puttingRight<T>(inside: Insides, by: For, task: (user: User) => Promise<T>): Promise<T> {
  const { keeper } = inside;
  const { user } = await signedIn(inside, by.user);
  const putRight = new Set<string>();
  for (;;) {
    const { accessToken } = await signedIn(inside, user);
    try {
      return await task(user);
    } catch (error) {
      if (!isCode(error, ...mendable) || putRight.has(error.code)) throw error;
      if (error.code !== "REAUTHENTICATION_REQUIRED") await keeper.refresh();
      // Another tab may have got the proof in the meantime.
      else if (by.ask && keeper.session?.accessToken !== accessToken) continue;
      else if (!by.ask || !(await askOnce(inside, user, by.ask))) throw error;
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
      return await reauthenticate(inside, proof, user);
    } catch (error) {
      if (!isCode(error, "INVALID_CREDENTIALS") || proofs === mostProofs) throw error;
      fault = error;
    }
  }
}

/** A proof is sent as a renewal, so that lost answers and other tabs are handled in the same way. */
async function reauthenticate(inside: Insides, given: Proof, asked?: User): Promise<User | undefined> {
  const { transport, keeper } = inside;
  const { user } = await signedIn(inside, asked);
  const body = await complete(inside, given);
  if (!body) return undefined;
  const isOver = () => keeper.untilClosed.aborted;
  // The trip to the provider may have outlasted the access token.
  const renewed = await puttingRight(inside, { user }, () => {
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
