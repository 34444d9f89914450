import type { Identities, ProviderGrant, User } from "./api.ts";
import type { Arrival } from "./arrival.ts";
import { readCode } from "./authorization-code.ts";
import { fail, LatchkeyError, mayPass } from "./errors.ts";
import { insidesOf, type Insides } from "./insides.ts";
import { persistently } from "./persistence.ts";
import type { Call } from "./service.ts";
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

/** Asks a person for a proof. @param fault why the last one was refused @returns undefined when the person gave up */
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
   * @returns undefined when it was cancelled, or goes on at a provider's page
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
  /** A link that is not finished yet. */
  let arrival: Arrival | undefined;

  const send = (path: string, call: Call) => confirmed<Identities>(inside, { ...call, path }, options.reauthenticate);
  const pathOf = (name: string) => `auth/me/identities/${encodeURIComponent(name)}`;

  async function post({ attempt, url }: Arrival): Promise<Identities> {
    return send(pathOf(attempt.provider), { body: readCode(url, attempt) });
  }

  async function identities(): Promise<Identities> {
    const { user } = await signedIn(inside);
    arrival ??= await transport.arrival?.(purposeOf(user));
    if (!arrival) return asPerson("auth/me/identities", { method: "GET" });
    try {
      const linked = await post(arrival);
      arrival = undefined;
      return linked;
    } catch (error) {
      if (!mayPass(error) && !isCode(error, "REAUTHENTICATION_REQUIRED")) arrival = undefined;
      throw error;
    }
  }

  async function link(name: string, redirectTo = thisPage()): Promise<Identities | undefined> {
    if (transport.authorize) {
      const { user } = await signedIn(inside);
      const answer = await transport.authorize(await provider(name), redirectTo, purposeOf(user));
      return answer && post(answer);
    }
    const { authorization_url: url } = (await send(pathOf(name), { body: { redirect_to: redirectTo } })) as unknown as {
      readonly authorization_url: string;
    };
    location.assign(url);
    return undefined;
  }

  return {
    identities: () => identities().catch(fail),
    linkIdentity: (name, { redirectTo } = {}) => link(name, redirectTo).catch(fail),
    unlinkIdentity: (name) => send(pathOf(name), { method: "DELETE" }).catch(fail),
    reauthenticate: (proof) => reauthenticate(inside, proof).catch(fail),
  };
}

const isCode = (error: unknown, ...codes: readonly string[]): error is LatchkeyError =>
  error instanceof LatchkeyError && codes.includes(error.code);

/** One person's link is not finished for another. */
const purposeOf = (user: User) => `link ${user.id}`;

/** The session, with an access token that is good for now. @param user who it must be of, where somebody has asked before */
async function signedIn({ keeper }: Insides, user?: User): Promise<Session> {
  await keeper.accessToken();
  return sessionOf(keeper.session, user);
}

function sessionOf(session: Session | undefined, user = session?.user): Session {
  if (!session) throw new LatchkeyError("UNAUTHENTICATED", "Nobody is signed in");
  if (session.user.id !== user?.id) throw new LatchkeyError("UNAUTHENTICATED", "Somebody else has signed in meanwhile");
  return session;
}

/**
 * Makes a call that needs the session's own refresh token beside the access token, and perhaps a person's proof. Each thing
 * that it is refused for is put right once.
 */
async function confirmed<T>(
  inside: Insides,
  { path, ...call }: Call & { path: string },
  ask?: AskForProof,
): Promise<T> {
  const { service, transport, keeper } = inside;
  const { user } = await signedIn(inside);
  const putRight = new Set<string>();
  for (;;) {
    try {
      await signedIn(inside, user);
      // In turn, since a renewal meanwhile would replace the refresh token on its way.
      return await keeper.inTurn(async () => {
        const { accessToken } = sessionOf(keeper.session, user);
        const body = { ...call.body, ...(await transport.credentials()) };
        return service<T>(path, { ...call, body, accessToken });
      });
    } catch (error) {
      if (!isCode(error, "REAUTHENTICATION_REQUIRED", "TOKEN_EXPIRED", "UNAUTHENTICATED") || putRight.has(error.code))
        throw error;
      putRight.add(error.code);
      if (error.code !== "REAUTHENTICATION_REQUIRED") await keeper.refresh();
      else if (!ask || !(await askAndReauthenticate(inside, user, ask))) throw error;
    }
  }
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
  const renewed = await persistently(
    (sending) =>
      keeper.change(async () => {
        const { accessToken } = sessionOf(keeper.session, user);
        const renewal = { path: "auth/reauthenticate", body, accessToken };
        return timed(() => transport.renew(sending(), renewal));
      }),
    isOver,
  );
  return sessionOf(renewed, user).user;
}

/** A proof as the service takes it; undefined when it was cancelled, or when it is a new sign-in for which this page is left. */
async function complete({ transport, provider }: Insides, proof: Proof): Promise<object | undefined> {
  if (!("provider" in proof) || "code" in proof || "id_token" in proof || "access_token" in proof) return proof;
  const { redirectTo = thisPage() } = proof as { readonly redirectTo?: string };
  const at = await provider(proof.provider);
  const arrival = await transport.authorize?.(at, redirectTo);
  if (arrival) return { provider: at.name, ...readCode(arrival.url, arrival.attempt) };
  if (!transport.authorize) await transport.goTo(at, redirectTo);
  return undefined;
}
