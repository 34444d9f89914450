import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import type { Provider, ProviderProfile } from "../../social/provider.ts";
import { ProviderTokenInvalid } from "../../social/protocol/refusals.ts";
import { isFresh, joined, reauthenticationRequired, type Authentication } from "../../sessions/authentication.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import { claimantIn, countAttempt, countAttemptCodes, failedIn, orNoteFailure } from "./counted-attempt.ts";
import { authenticatedAt } from "./provider-sign-in.ts";
import { refreshSession, refreshSessionCodes } from "../sessions/refresh.ts";

export const reauthenticateSessionCodes = [
  ...countAttemptCodes,
  "INVALID_CREDENTIALS",
  "PROVIDER_TOKEN_INVALID",
  "REAUTHENTICATION_REQUIRED",
  "UNAUTHENTICATED",
  ...refreshSessionCodes,
] as const;
const refuse = refusing(reauthenticateSessionCodes);

/**
 * Reauthenticates the person of a session and refreshes the session: its next access tokens say when that happened.
 * @throws ApiError RATE_LIMITED during a delay, INVALID_CREDENTIALS, PROVIDER_TOKEN_INVALID, REAUTHENTICATION_REQUIRED for a proof that is too old,
 * UNAUTHENTICATED if the session has ended in the meantime, OVERLOADED, DATABASE_UNAVAILABLE or SIGNING_UNAVAILABLE
 */
export async function reauthenticateSession(
  context: CallContext,
  { principal, refreshToken, proof }: Reauthentication,
): Promise<IssuedTokens> {
  const accountId = principal.account.id;
  const authentication =
    "password" in proof
      ? await byPassword(context, { principal, password: proof.password })
      : await byProvider(context, { accountId, ...proof });
  // What the session has shown before stays: a password alone must not take its second factor from it.
  const methods = joined(principal.authentication.methods, authentication.methods);
  const tokens = await refreshSession(context, { refreshToken, authentication: { at: authentication.at, methods } });
  if (!tokens) throw refuse("UNAUTHENTICATED");
  return tokens;
}

/** What a person sends to reauthenticate. */
export type Proof = { readonly password: string } | { readonly provider: Provider; readonly profile: ProviderProfile };

export interface Reauthentication {
  readonly principal: Principal;
  /** The refresh token of the principal's session. */
  readonly refreshToken: string;
  readonly proof: Proof;
}

async function byPassword(
  context: CallContext,
  { principal, password }: { principal: Principal; password: string },
): Promise<Authentication> {
  const { services, now } = context;
  const hash = await services.accounts.readPasswordHash(principal.account.id);
  const attempt = await countAttempt(context, claimantIn(principal));
  await orNoteFailure(context, { ...failedIn(principal), attempt }, async () => {
    const isMatch = await services.passwords.verify(password, hash);
    if (!isMatch || attempt.isClosed) throw refuse("INVALID_CREDENTIALS");
  });
  await services.signInFailures.reset(attempt);
  return { at: now, methods: ["pwd"] };
}

/** A token that does not say its age proves that the person signed in once, not that they just did. */
async function byProvider(
  { services: { identities, config }, now }: CallContext,
  { accountId, provider, profile }: { accountId: string; provider: Provider; profile: ProviderProfile },
): Promise<Authentication> {
  const identity = await identities.find({ provider: provider.name, subject: profile.subject });
  if (identity?.accountId !== accountId) throw new ProviderTokenInvalid("the identity is not linked to this account");
  const at = authenticatedAt(profile, now);
  if (!isFresh(at, config.sessions.sensitiveMaxAgeSeconds, now))
    throw reauthenticationRequired(config.sessions.sensitiveMaxAgeSeconds);
  return { at, methods: [] };
}
