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
 * What shows again who is signed in: the password; a provider, where one then signs in again; or what an app has of a provider,
 * as in `POST /auth/oauth/{provider}`.
 */
export type Proof =
  | { readonly password: string }
  | { readonly provider: string; readonly redirectTo?: string }
  | ({ readonly provider: string } & ProviderGrant);

/** Asks a person for a proof, once for all that requires one meanwhile. @param fault why the last one was refused @returns undefined when the person gave up */
export type AskForProof = (user: User, fault: LatchkeyError | undefined) => Promise<Proof | undefined>;

/** What the person who is signed in may do with the account. Errors are `LatchkeyError`. */
export interface Account {
  /** The ways to sign in to it. First of all it finishes a link with whose answer this page was opened. */
  identities(): Promise<Identities>;
  /**
   * Links an identity: goes to the provider's page, which comes back to `redirectTo`, this page unless given. With `browse` it
   * is done when this resolves; undefined when it was cancelled.
   */
  linkIdentity(provider: string, options?: { readonly redirectTo?: string }): Promise<Identities | undefined>;
  /** Removes the identities of a provider. The account's other sessions end. */
  unlinkIdentity(provider: string): Promise<Identities>;
  /**
   * Shows again who is signed in, as changes of how one signs in require: their error is `REAUTHENTICATION_REQUIRED`.
   * @returns undefined when it was cancelled, or goes on at a provider's page, from which somebody else may come back
   */
  reauthenticate(proof: Proof): Promise<User | undefined>;
}

/** How often a person may mistype before the caller is told. */
const mostProofs = 3;

/**
 * @param client of `createClient`
 * @param options.reauthenticate asks the person when a change requires it; the change then goes on
 */
export function accountOf(
  client: { readonly fetch: typeof fetch },
  options: { readonly reauthenticate?: AskForProof } = {},
): Account {
  const inside = insidesOf(client);
  const { asPerson, transport, provider } = inside;
  /** A link that is not finished yet; whose it is, its purpose says. */
  let arrival: Arrival | undefined;

  /** @param user the only person it may be for, if that was settled before */
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
    // Taken at once: of two lists, the second of which may be the prompt's own, one finishes the link.
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

/** One person's link is not finished for another. */
const purposeOf = (user: User) => `link ${user.id}`;

/** The session, with an access token that is good for now. @param user whose it must be: the person signed in now, if any */
async function signedIn({ keeper }: Insides, user = keeper.session?.user): Promise<Session> {
  await keeper.accessToken();
  return sessionOf(keeper.session, user);
}

function sessionOf(session: Session | undefined, user = session?.user): Session {
  if (!session) throw new LatchkeyError("UNAUTHENTICATED", "Nobody is signed in");
  if (session.user.id !== user?.id)
    throw new LatchkeyError("UNAUTHENTICATED", "Somebody else has signed in in the meantime");
  return session;
}

/** Who something is done for, and how that person is asked for a proof where one is required. */
interface For {
  readonly user: User | undefined;
  readonly ask?: AskForProof | undefined;
}

/** Makes a call that needs the session's own refresh token beside the access token, and perhaps a person's proof. */
async function confirmed<T>(inside: Insides, { path, ...call }: Call & { path: string }, by: For): Promise<T> {
  const { service, transport, keeper } = inside;
  return puttingRight(inside, by, (user) =>
    // In turn, since a renewal meanwhile would replace the refresh token on its way.
    keeper.inTurn(async () => {
      const { accessToken } = sessionOf(keeper.session, user);
      const body = { ...call.body, ...(await transport.credentials()) };
      return service<T>(path, { ...call, body, accessToken });
    }),
  );
}

/**
 * Does a task for a person. Each thing that it is refused for is put right once: an access token that has run out; one of
 * another session than the refresh token, which another tab has replaced; a sign-in that is too old.
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
      // Another tab may have brought the proof meanwhile.
      else if (by.ask && keeper.session?.accessToken !== accessToken) continue;
      else if (!by.ask || !(await askOnce(inside, user, by.ask))) throw error;
      putRight.add(error.code);
    }
  }
}

const mendable = ["REAUTHENTICATION_REQUIRED", "SESSION_PROOF_REQUIRED", "TOKEN_EXPIRED", "UNAUTHENTICATED"];

/** Joins in where the person is being asked already. @returns undefined when the person gave up */
function askOnce(inside: Insides, user: User, ask: AskForProof): Promise<User | undefined> {
  const { asking } = inside;
  const answer = asking.get(user.id) ?? askAndReauthenticate(inside, user, ask).finally(() => asking.delete(user.id));
  asking.set(user.id, answer);
  return answer;
}

/** @returns undefined when the person gave up */
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

/** It is a renewal that brings a proof, so lost answers and other tabs are cared for as they are there. */
async function reauthenticate(inside: Insides, given: Proof, asked?: User): Promise<User | undefined> {
  const { transport, keeper } = inside;
  const { user } = await signedIn(inside, asked);
  const body = await complete(inside, given);
  if (!body) return undefined;
  const isOver = () => keeper.untilClosed.aborted;
  // The way to a provider may have taken longer than the access token lasts.
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
 * Sends what is good once, such as a provider's code. Where no answer says what became of it, the refresh token that went
 * along may be used up: the service gives its successor for a while, and that is fetched before the caller is told.
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

/** A proof as the service takes it; undefined when it was cancelled, or when it is a new sign-in for which this page is left. */
async function complete({ transport, provider }: Insides, proof: Proof): Promise<object | undefined> {
  if (!("provider" in proof) || "code" in proof || "id_token" in proof || "access_token" in proof) return proof;
  const { redirectTo = thisPage() } = proof as { readonly redirectTo?: string };
  const at = askingAgain(await provider(proof.provider));
  const arrival = await transport.authorize?.(at, redirectTo);
  if (arrival) return { provider: at.name, ...readCode(arrival.url, arrival.attempt) };
  if (!transport.authorize) await transport.goTo(at, redirectTo);
  return undefined;
}
