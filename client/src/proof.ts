import type { ProviderGrant, User } from "./api.ts";
import { isCode, puttingRight, sessionOf, signedIn, type Holder } from "./acting.ts";
import { askingAgain, readCode } from "./provider-answer.ts";
import { mayPass, type LatchkeyError } from "./errors.ts";
import type { Insides } from "./insides.ts";
import type { Keeper } from "./keeper.ts";
import { persistently, withinMs } from "./persistence.ts";
import { timed } from "./session.ts";
import { thisPage } from "./transport.ts";

/** What a person shows of a second factor: a code, or what the browser made with a passkey. */
export type ShownFactor =
  | { readonly method: "totp" | "recovery" | "email"; readonly code: string }
  | { readonly method: "passkey"; readonly credential: object };

/**
 * How a person proves who they are again: with the password; with a second factor; by signing in once more at a
 * provider; or with what an app already got from a provider, as in `POST /auth/oauth/{provider}`.
 */
export type Proof =
  | { readonly password: string }
  | ShownFactor
  | { readonly provider: string; readonly redirectTo?: string }
  | ({ readonly provider: string } & ProviderGrant);

/**
 * Asks a person for a proof, once for all the changes that are waiting for one. @param fault why the last proof was
 * refused @returns undefined if the person gave up
 */
export type AskForProof = (user: User, fault: LatchkeyError | undefined) => Promise<Proof | undefined>;

/** How many proofs a person may get wrong before the caller gets the error. */
const mostProofs = 3;

/** Who acts, with a person who can be asked for a proof. @param ask of each change that needs one */
export const withAsking = ({ fetch }: Holder, ask: AskForProof | undefined): Holder => ({
  fetch,
  prove: ask && ((inside, user) => askOnce(inside, user, ask)),
});

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
      if (!isCode(error, ...wrongProof) || proofs === mostProofs) throw error;
      fault = error;
    }
  }
}

const wrongProof = ["INVALID_CREDENTIALS", "MFA_CODE_INVALID", "PASSKEY_INVALID"];

/** A proof is sent as a renewal, so that lost answers and other tabs are handled in the same way. */
export async function proveAgain(inside: Insides, given: Proof, asked?: User): Promise<User | undefined> {
  const { transport, keeper } = inside;
  const { user } = await signedIn(inside, asked);
  const body = await complete(inside, given);
  if (!body) return undefined;
  const isOver = () => keeper.untilClosed.aborted;
  // The trip to the provider may have outlasted the access token.
  const renewed = await puttingRight({ inside, prove: undefined, user }, () => {
    const send = (sending: () => boolean, signal?: AbortSignal) =>
      keeper.change(async () => {
        const { accessToken } = sessionOf(keeper.session, user);
        const renewal = { path: "auth/reauthenticate", body, accessToken, ...(signal && { signal }) };
        return timed(() => transport.renew(sending(), renewal));
      });
    return "code" in body || "credential" in body ? once(keeper, send) : persistently(send, isOver);
  });
  return sessionOf(renewed, user).user;
}

/**
 * Sends something that works only once: a provider's code, or a second factor. Without an answer the refresh token sent with it may
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
