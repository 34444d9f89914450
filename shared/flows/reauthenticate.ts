import type { AuditEvent } from "../audit/audit.ts";
import type { Provider, ProviderProfile } from "../social/provider.ts";
import { ProviderTokenInvalid } from "../social/refusals.ts";
import { ApiError } from "../platform/errors/api-error.ts";
import type { Services } from "../services.ts";
import { isFresh, reauthenticationRequired, type Authentication } from "../sessions/authentication.ts";
import type { Grant } from "../sessions/grant.ts";
import type { Principal } from "../sessions/session-queries.ts";
import { authenticatedAt } from "./provider-sign-in.ts";
import { refreshSession } from "./refresh.ts";

/** What a person shows to prove again who they are. */
export type Proof = { readonly password: string } | { readonly provider: Provider; readonly profile: ProviderProfile };

export interface Reauthentication {
  readonly principal: Principal;
  /** That of the principal's session. */
  readonly refreshToken: string;
  readonly proof: Proof;
  readonly client: AuditEvent["client"];
}

/**
 * Proves again who the person of a session is, and refreshes the session: its next access tokens say when that was.
 * @returns undefined when the session was ended meanwhile
 * @throws ApiError INVALID_CREDENTIALS, PROVIDER_TOKEN_INVALID, REAUTHENTICATION_REQUIRED for a proof that is too old, OVERLOADED,
 * DATABASE_UNAVAILABLE or SIGNING_UNAVAILABLE
 */
export async function reauthenticateSession(
  services: Services,
  { principal, refreshToken, proof, client }: Reauthentication,
  now: Date,
): Promise<Grant | undefined> {
  const accountId = principal.account.id;
  const authentication =
    "password" in proof
      ? await byPassword(services, { accountId, password: proof.password }, now)
      : await byProvider(services, { accountId, ...proof }, now);
  return refreshSession(services, { refreshToken, authentication, client }, now);
}

async function byPassword(
  { accounts, passwords }: Services,
  { accountId, password }: { accountId: string; password: string },
  now: Date,
): Promise<Authentication> {
  const hash = await accounts.readPasswordHash(accountId);
  if (!(await passwords.verify(password, hash))) throw new ApiError("INVALID_CREDENTIALS");
  return { at: now, methods: ["pwd"] };
}

/** A token that says nothing of its age proves that somebody signed in once, not that they just have. */
async function byProvider(
  { identities, config }: Services,
  { accountId, provider, profile }: { accountId: string; provider: Provider; profile: ProviderProfile },
  now: Date,
): Promise<Authentication> {
  const identity = await identities.find({ provider: provider.name, subject: profile.subject });
  if (identity?.accountId !== accountId) throw new ProviderTokenInvalid("it is not an identity of this account");
  const at = authenticatedAt(profile, now);
  if (!isFresh(at, config.sensitiveMaxAgeSeconds, now)) throw reauthenticationRequired(config.sensitiveMaxAgeSeconds);
  return { at, methods: [] };
}
