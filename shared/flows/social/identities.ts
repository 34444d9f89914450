import type { CallContext } from "../../context.ts";
import type { Provider, ProviderProfile } from "../../social/provider.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { Stores } from "../../services.ts";
import { toPerson } from "./person.ts";
import { decideRace, RaceLost } from "../race-lost.ts";

/** A session, and whose it is. */
export interface Owner {
  readonly accountId: string;
  readonly sessionId: string;
}

/**
 * Links an identity to the account of a session. One that is the account's already stays so. Where it proves the account's own
 * address, that is proven from now on: its owner has shown both, and what is on the account stays.
 * @throws ApiError IDENTITY_ALREADY_LINKED, UNAUTHENTICATED when the session is over, OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function addIdentity(context: CallContext, { owner, provider, profile }: LinkRequest): Promise<void> {
  const { services, now, source } = context;
  const { subject, email, isEmailVerified } = toPerson(provider, profile);
  const key = { provider: provider.name, subject };
  const { accountId } = owner;
  const identity = { id: newId(now), accountId, email, ...key };
  // A run whose answer was lost has made the identity with this id, and what it has proven is proven.
  let hasProven = false;
  const { isNew, isProven } = await decideRace(context, async (tx) => {
    await hold(tx, owner, now);
    const known = await tx.identities.find(key);
    if (known && known.accountId !== accountId) throw new ApiError("IDENTITY_ALREADY_LINKED", { accountId });
    if (!known && !(await tx.identities.add(identity, now))) throw new RaceLost();
    const isProof = isEmailVerified && email !== null;
    const proves = isProof && (await tx.accounts.confirmAddress({ accountId, email }, now));
    hasProven = proves || (hasProven && known?.id === identity.id);
    return { isNew: !known || known.id === identity.id, isProven: hasProven };
  });
  const event = { reason: "by its owner", ...owner, provider: provider.name, source };
  if (isNew) services.audit.record({ type: "identity.linked", ...event });
  if (isProven) services.audit.record({ type: "account.address_proven", ...event });
}

export interface LinkRequest {
  readonly owner: Owner;
  readonly provider: Provider;
  readonly profile: ProviderProfile;
}

/**
 * Removes an account's identities at a provider. A way to sign in must be left: a password, or an identity of a provider
 * that is set up. The account's other sessions end: one of them may have come by that identity (ASVS 7.4.3).
 * @throws ApiError IDENTITY_NOT_FOUND, LAST_SIGN_IN_METHOD, UNAUTHENTICATED or DATABASE_UNAVAILABLE
 */
export async function removeIdentity(
  { services, now, source }: CallContext,
  { owner, provider }: { owner: Owner; provider: string },
): Promise<void> {
  const { accountId, sessionId } = owner;
  const ended = await services.transaction(async (tx) => {
    const hasPassword = await hold(tx, owner, now);
    if ((await tx.identities.remove({ accountId, provider })) === 0)
      throw new ApiError("IDENTITY_NOT_FOUND", { accountId });
    const left = await tx.identities.list(accountId);
    if (!hasPassword && !left.some((identity) => services.social.providers.has(identity.provider)))
      throw new ApiError("LAST_SIGN_IN_METHOD", { accountId });
    return tx.sessions.endAll({ accountId, except: [sessionId], reason: "way_removed" }, now);
  });
  for (const other of ended)
    services.audit.record({ type: "session.ended", reason: "identity removed", accountId, sessionId: other, source });
  services.audit.record({ type: "identity.unlinked", ...owner, provider, source });
}

/**
 * Holds the account's row, and looks at the session again: it may have ended since the call began, with all that its owner
 * may do. @returns whether the account has a password
 */
async function hold(tx: Stores, { accountId, sessionId }: Owner, now: Date): Promise<boolean> {
  const hasPassword = await tx.accounts.hold(accountId, now);
  const principal = await tx.sessions.findPrincipal(sessionId, now);
  if (principal?.account.id !== accountId) throw new ApiError("UNAUTHENTICATED", { accountId });
  return hasPassword;
}
