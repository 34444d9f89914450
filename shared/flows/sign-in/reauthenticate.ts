import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import type { Provider, ProviderProfile } from "../../social/provider.ts";
import { ProviderTokenInvalid } from "../../social/protocol/refusals.ts";
import {
  isFresh,
  joined,
  reauthenticationRequired,
  requireMet,
  type Authentication,
  type AuthenticationMethod,
  type Demand,
} from "../../sessions/authentication.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import type { Transaction } from "../../stores.ts";
import { useUp, useUpCodes, type FactorProof } from "../mfa/shown-factor.ts";
import { showInSession, showInSessionCodes } from "../mfa/step-up.ts";
import { claimantIn, countAttempt, countAttemptCodes, failedIn, orNoteFailure } from "./counted-attempt.ts";
import { authenticatedAt } from "./provider-sign-in.ts";
import { refreshSession, refreshSessionCodes, type Refresh } from "../sessions/refresh.ts";

export const reauthenticateSessionCodes = [
  ...countAttemptCodes,
  "INVALID_CREDENTIALS",
  "PROVIDER_TOKEN_INVALID",
  "REAUTHENTICATION_REQUIRED",
  "UNAUTHENTICATED",
  ...showInSessionCodes,
  ...useUpCodes,
  ...refreshSessionCodes,
] as const;
const refuse = refusing(reauthenticateSessionCodes);

const ofPasskeys: ReadonlySet<AuthenticationMethod> = new Set(["pop", "user"]);

/** What a person sends to reauthenticate. */
export type Proof =
  | FactorProof
  | { readonly password: string }
  | { readonly provider: Provider; readonly profile: ProviderProfile };

export interface Reauthentication {
  readonly principal: Principal;
  /** The refresh token of the principal's session. */
  readonly refreshToken: string;
  readonly proof: Proof;
  /** What an API has asked for (RFC 9470). */
  readonly demand: Demand;
}

/**
 * Reauthenticates the person of a session and refreshes the session: its next access tokens say when that happened, and how.
 * @throws ApiError RATE_LIMITED during a delay, INVALID_CREDENTIALS, PROVIDER_TOKEN_INVALID, MFA_CODE_INVALID, NO_SECOND_FACTOR,
 * REAUTHENTICATION_REQUIRED for a proof that is too old, or does not meet the demand, UNAUTHENTICATED if the session has ended in the
 * meantime, OVERLOADED, DATABASE_UNAVAILABLE or SIGNING_UNAVAILABLE
 */
export async function reauthenticateSession(
  context: CallContext,
  { principal, refreshToken, proof, demand }: Reauthentication,
): Promise<IssuedTokens> {
  const { now } = context;
  const { account } = principal;
  // Said before a password or a code is asked about in vain: nothing that this account has would do. It may have a passkey for phr.
  const isPasskey = "method" in proof && proof.method === "passkey";
  if (account.mfa_since === null && !isPasskey && demand.levels?.every((level) => level === "aal2"))
    throw refuse("NO_SECOND_FACTOR");
  const refresh = async (authentication: Authentication, shown?: Refresh["shown"]) => {
    requireMet(authentication, demand, now);
    const tokens = await refreshSession(context, { refreshToken, authentication, shown });
    if (!tokens) throw refuse("UNAUTHENTICATED");
    return tokens;
  };
  if ("method" in proof)
    return showInSession(context, { principal, proof }, (factor) => {
      // A level and its time stay together: no code makes a passkey fresh that was shown long ago.
      const isPasskeyShown = factor.method === "passkey";
      const kept = principal.authentication.methods.filter((method) => isPasskeyShown || !ofPasskeys.has(method));
      const methods = joined(kept, factor.methods);
      const shown = {
        accountId: account.id,
        useUp: (tx: Transaction) => useUp(context, tx, { account, shown: factor }),
      };
      return refresh({ at: now, methods }, shown);
    });
  const first =
    "password" in proof
      ? await byPassword(context, { principal, password: proof.password })
      : await byProvider(context, { accountId: account.id, ...proof });
  return refresh(withFirstFactor(principal, first));
}

/**
 * What a session has shown after its first factor was shown again. Where it has shown a second one, its level and its time stay
 * together: a password alone takes no second factor from a session, nor makes an old one look fresh.
 */
function withFirstFactor({ account, authentication }: Principal, first: Authentication): Authentication {
  if (!authentication.methods.includes("mfa"))
    return { at: first.at, methods: joined(authentication.methods, first.methods) };
  // An account without factors any more has sessions that had shown one.
  return account.mfa_since === null ? first : authentication;
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
    throw reauthenticationRequired({ maxAgeSeconds: config.sessions.sensitiveMaxAgeSeconds });
  return { at, methods: [] };
}
