import type { CallContext } from "../../context.ts";
import { sessionsEnded } from "../../audit/audit.ts";
import { refusing } from "../../audit/refusal.ts";
import type { Provider, ProviderProfile } from "../../social/provider.ts";
import type { Account } from "../../accounts/tables.ts";
import { localeFor } from "../../platform/locale.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { Transaction } from "../../stores.ts";
import { requireLiveSession, type Owner } from "../account/live-session.ts";
import { endOtherClaims } from "../account/prove-address.ts";
import { toPerson } from "./person.ts";
import { decideRace, decideRaceCodes, RaceLost } from "../race-lost.ts";

export const addIdentityCodes = ["IDENTITY_ALREADY_LINKED", "UNAUTHENTICATED", ...decideRaceCodes] as const;
export const removeIdentityCodes = ["IDENTITY_NOT_FOUND", "LAST_SIGN_IN_METHOD", "UNAUTHENTICATED"] as const;
const refuse = refusing([...addIdentityCodes, ...removeIdentityCodes]);

/**
 * Links an identity to the account of a session; one that is already linked to it stays so. If the identity proves the
 * account's own address, that address is proven from now on: its owner has shown both, and nothing else on the account
 * changes.
 * @throws ApiError IDENTITY_ALREADY_LINKED, UNAUTHENTICATED if the session is over, OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function addIdentity(context: CallContext, { owner, provider, profile }: LinkRequest): Promise<void> {
  const { now } = context;
  const { subject, email, isEmailVerified } = toPerson(provider, profile);
  const key = { provider: provider.name, subject };
  const { accountId } = owner;
  const identity = { id: newId(now), accountId, email, ...key };
  const event = { reason: "by its owner", ...owner, provider: provider.name };
  const mailId = newId(now);
  await context.services.mail.announce([mailId]);
  await decideRace(context, async (tx) => {
    const { account } = await hold(tx, owner, now);
    const known = await tx.identities.find(key);
    if (known && known.accountId !== accountId) throw refuse("IDENTITY_ALREADY_LINKED", { about: { accountId } });
    if (!known && !(await tx.identities.add(identity, now))) throw new RaceLost();
    const isProof = isEmailVerified && email !== null;
    const isProven = isProof && (await tx.accounts.confirmAddress({ accountId, email }, now));
    if (isProven) await endOtherClaims(tx, email);
    if (!known) {
      await tell(tx, account, { context, id: mailId, template: "identity_linked", provider: provider.displayName });
      await tx.audit.append({ type: "identity.linked", ...event });
    }
    if (known?.id === identity.id) await tx.audit.append(...tx.audit.earlier);
    if (isProven) await tx.audit.append({ type: "account.address_proven", ...event });
  });
}

export interface LinkRequest {
  readonly owner: Owner;
  readonly provider: Provider;
  readonly profile: ProviderProfile;
}

/**
 * Removes an account's identities at a provider. A sign-in method must remain: a password, or an identity at a provider
 * that is set up. The account's other sessions end, and sign-ins that wait for a second factor, because one of them may have
 * begun with that identity (ASVS 7.4.3).
 * @throws ApiError IDENTITY_NOT_FOUND, LAST_SIGN_IN_METHOD, UNAUTHENTICATED or DATABASE_UNAVAILABLE
 */
export async function removeIdentity(
  context: CallContext,
  { owner, provider }: { owner: Owner; provider: string },
): Promise<void> {
  const { services, now } = context;
  const { accountId, sessionId } = owner;
  const mailId = newId(now);
  await services.mail.announce([mailId]);
  const displayName = services.social.providers.get(provider)?.displayName ?? provider;
  await services.transaction(context, async (tx) => {
    const { account, hasPassword } = await hold(tx, owner, now);
    if ((await tx.identities.remove({ accountId, provider })) === 0)
      throw refuse("IDENTITY_NOT_FOUND", { about: { accountId } });
    const left = await tx.identities.list(accountId);
    if (!hasPassword && !left.some((identity) => services.social.providers.has(identity.provider)))
      throw refuse("LAST_SIGN_IN_METHOD", { about: { accountId } });
    await tx.mfa.challenges.endAll(accountId);
    const ended = await tx.sessions.endAll({ accountId, except: [sessionId], reason: "way_removed" }, now);
    await tell(tx, account, { context, id: mailId, template: "identity_unlinked", provider: displayName });
    await tx.audit.append(...sessionsEnded(ended, { accountId, reason: "identity removed" }), {
      type: "identity.unlinked",
      ...owner,
      provider,
    });
  });
}

interface Notice {
  readonly context: CallContext;
  readonly id: string;
  readonly template: "identity_linked" | "identity_unlinked";
  /** As people know it. */
  readonly provider: string;
}

/** Tells the owner of an account what has happened to its identities (ASVS 6.3.7), if it has an address. */
export async function tell(
  tx: Transaction,
  { id: accountId, email: to, username, locale }: Pick<Account, "id" | "email" | "username" | "locale">,
  { context, id, template, provider }: Notice,
): Promise<void> {
  if (to === null) return;
  const spoken = localeFor({ locale }, context.locale);
  await tx.mail.post({ id, template, to, accountId, locale: spoken, data: { username, provider } }, context.now);
}

/** Locks the account's row, and checks the session again. @returns the account, and whether it has a password */
async function hold(tx: Transaction, owner: Owner, now: Date): Promise<{ account: Account; hasPassword: boolean }> {
  const hasPassword = await tx.accounts.hold(owner.accountId, now);
  return { account: await requireLiveSession(tx, owner, now), hasPassword };
}
