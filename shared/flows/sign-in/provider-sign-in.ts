import type { CallContext } from "../../context.ts";
import type { AddressHolder } from "../../accounts/address-queries.ts";
import type { FirstFactor } from "../../accounts/sign-in-queries.ts";
import type { Account } from "../../accounts/tables.ts";
import { refusing, type Refusal } from "../../audit/refusal.ts";
import type { Provider, ProviderProfile } from "../../social/provider.ts";
import type { Locale } from "../../platform/locale.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { Transaction } from "../../stores.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import { complete, goOn, type SecondFactorDue } from "../mfa/second-factor-due.ts";
import { newSessionKeys, type PendingSignIn, type SessionKeys } from "./begin-session.ts";
import { endOtherClaims, takeOver } from "../account/prove-address.ts";
import { deletionPending, deletionPendingCodes } from "./deletion-pending.ts";
import { toPerson, type Person } from "../social/person.ts";
import { tell } from "../social/identities.ts";
import { forgive } from "./counted-attempt.ts";
import { noticeDue, NoticeDue, prepareNotice } from "./new-device.ts";
import { decideRace, decideRaceCodes, RaceLost } from "../race-lost.ts";

export const signInWithProviderCodes = [
  "LINK_REQUIRES_PROOF",
  "ACCOUNT_INACTIVE",
  ...deletionPendingCodes,
  ...decideRaceCodes,
] as const;
const refuse = refusing(signInWithProviderCodes);

/**
 * Signs in a person named by a provider. The account is:
 * - the one with this identity;
 * - otherwise, by an address that the provider proves: the account that has proven it too; or the one that has not,
 *   whose earlier sign-in methods are removed first, because someone else may have created it (pre-hijacking). Never one
 *   that another subject of this provider signs in to: the address has changed hands, and one of the two is a stranger;
 * - otherwise a new one, unless an account has the address.
 * Where an account has a second factor, the sign-in begins no session and leaves the account as it was: neither does it link
 * an identity, nor take over what the provider says of the person. It notes that the identity was used, and with which
 * address: by that it finds one that was removed in the meantime. Where a factor must be enrolled first, the account has none
 * that could be asked for, so all but the session happens before.
 * @throws ApiError LINK_REQUIRES_PROOF, ACCOUNT_INACTIVE, ACCOUNT_DELETION_PENDING, OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function signInWithProvider(
  context: CallContext,
  { provider, profile, replaces, device }: ProvenIdentity,
): Promise<IssuedTokens | SecondFactorDue> {
  const { now, locale } = context;
  const person = toPerson(provider, profile);
  const authentication = { at: authenticatedAt(profile, now), methods: [] };
  const keys = await newSessionKeys(context, { authentication, provider: provider.name, replaces, device });
  const { isRequired: isMfaRequired } = context.services.config.mfa;
  const arriving = { person, accountId: newId(now), identityId: newId(now), locale, isMfaRequired };
  try {
    return await complete(context, await arrive(context, { arriving, keys }));
  } catch (error) {
    if (!(error instanceof NoticeDue)) throw error;
    const notice = await prepareNotice(context, { mayLink: true });
    return complete(context, await arrive(context, { arriving, keys: { ...keys, notice } }));
  }
}

export interface ProvenIdentity {
  readonly provider: Provider;
  readonly profile: ProviderProfile;
  /** The refresh token of the session that the browser already has. */
  readonly replaces?: string | undefined;
  /** The token that the device sent. */
  readonly device?: string | undefined;
}

/** When the person signed in at the provider, whose clock may be ahead. */
export function authenticatedAt({ authenticatedAt: at }: ProviderProfile, now: Date): Date {
  return at > now ? now : at;
}

/** The person, and the ids of rows that may be created, so that a second run recognises its own. */
interface Arriving extends FirstFactor {
  readonly person: Person;
  readonly accountId: string;
  readonly identityId: string;
  readonly locale: Locale;
}

function arrive(
  context: CallContext,
  { arriving, keys }: { arriving: Arriving; keys: SessionKeys },
): Promise<PendingSignIn | SecondFactorDue> {
  const { now } = context;
  const { person } = arriving;
  return decideRace(context, async (tx) => {
    const known = await tx.identities.find(person);
    const holder = known || person.email === null ? undefined : await tx.accounts.findByEmail(person.email);
    const entered = known ?? (holder?.isActive && person.isEmailVerified ? holder : undefined);
    // Before anything changes: this sign-in must not count as an earlier one.
    const device = { deviceHash: keys.device.hash, notice: keys.notice };
    const arrival = entered && (await noticeDue(tx, { accountId: entered.accountId, ...device }, now));
    const isDeviceKnown = arrival?.isDeviceKnown ?? false;
    const found = known
      ? await enter(tx, { person, known, isMfaRequired: arriving.isMfaRequired }, now)
      : await findOrCreate(tx, { ...arriving, holder, context, linkMailId: keys.notice?.linkMailId });
    if (found.mfa_since !== null) return goOn(context, tx, { account: found, isDeviceKnown, ...keys });
    const account = await syncProfile(tx, found, { person, now });
    await forgive(context, tx, account);
    return goOn(context, tx, { account, isDeviceKnown, ...keys, notice: arrival?.notice });
  });
}

async function enter(
  tx: Transaction,
  { person, known, isMfaRequired }: { person: Person; known: { id: string; accountId: string } } & FirstFactor,
  now: Date,
): Promise<Account> {
  const account = await tx.accounts.recordProviderSignIn({ accountId: known.accountId, isMfaRequired }, now);
  if (!account) throw inactive(known.accountId, await tx.accounts.readEraseTime(known.accountId));
  // Only now is the account's row held: the identity may have been removed since it was found.
  if (!(await tx.identities.recordUse(known.id, person.email, now))) throw new RaceLost();
  if (account.mfa_since !== null) return account;
  return adoptAddress(tx, account, { person, now });
}

/** @param eraseAt if its owner has deleted it */
function inactive(accountId: string, eraseAt: Date | null | undefined): Refusal {
  return eraseAt ? deletionPending(accountId, eraseAt) : refuse("ACCOUNT_INACTIVE", { about: { accountId } });
}

interface Newcomer extends Arriving {
  readonly context: CallContext;
  /** The account that has the person's address, if any. */
  readonly holder: AddressHolder | undefined;
  /** Of the mail that tells its owner of the identity, if it was prepared. */
  readonly linkMailId: string | undefined;
}

/** @throws NoticeDue if an identity is linked, which no mail was prepared for */
async function findOrCreate(tx: Transaction, { context, holder, linkMailId, ...arriving }: Newcomer): Promise<Account> {
  const { now, services } = context;
  const { email, isEmailVerified, provider } = arriving.person;
  if (email === null || !holder) return create(tx, arriving, now);
  const { accountId, isActive, isVerified } = holder;
  const { isMfaRequired } = arriving;
  const unproven = () =>
    refuse("LINK_REQUIRES_PROOF", { about: { accountId }, details: { link_at: `/auth/me/identities/${provider}` } });
  if (!isEmailVerified) throw unproven();
  if (!isActive) throw inactive(accountId, holder.eraseAt);
  if (isVerified && linkMailId === undefined) throw new NoticeDue();
  const { username, name, picture } = arriving.person;
  const proof = { accountId, email, username, name, picture, provider };
  const removed = isVerified ? [] : await takeOver(tx, proof, now);
  const account = await tx.accounts.recordProviderSignIn({ accountId, verifiedEmail: email, isMfaRequired }, now);
  if (!account) throw new RaceLost();
  // An address alone must not give an account with a second factor another way in.
  if (account.mfa_since !== null) throw unproven();
  // Only now is the account's row held: of two subjects that arrive at once, the second one sees the first. What was
  // removed comes back if the transaction rolls back.
  const isShared = removed.includes(provider) || (await tx.identities.isLinked({ accountId, provider }));
  if (isShared) throw unproven();
  await attachIdentity(tx, { ...arriving, accountId, how: isVerified ? "linked" : "proven" }, now);
  const displayName = services.social.providers.get(provider)?.displayName ?? provider;
  const notice = { context, template: "identity_linked", provider: displayName } as const;
  if (isVerified && linkMailId !== undefined) await tell(tx, account, { ...notice, id: linkMailId });
  return account;
}

async function create(tx: Transaction, arriving: Arriving, now: Date): Promise<Account> {
  const { accountId, person, locale, isMfaRequired } = arriving;
  const { email, username, isEmailVerified, ...told } = person;
  const provided = { ...told, isSignedIn: !isMfaRequired };
  const account = await tx.accounts.create(
    { id: accountId, email, username, passwordHash: null, locale, isEmailVerified, provided },
    now,
  );
  if (!account) throw new RaceLost();
  if (isEmailVerified && email !== null) await endOtherClaims(tx, email);
  await tx.audit.append({ type: "account.registered", accountId, provider: person.provider });
  await attachIdentity(tx, { ...arriving, how: "created" }, now);
  return account;
}

/** Adds the identity to an account. @param arriving with the account that was linked, proven or created for it */
async function attachIdentity(
  tx: Transaction,
  { identityId: id, accountId, person: { provider, subject, email }, how }: Arriving & { how: string },
  now: Date,
): Promise<void> {
  if (!(await tx.identities.add({ id, accountId, provider, subject, email }, now))) throw new RaceLost();
  await tx.audit.append({ type: "identity.linked", reason: how, accountId, provider });
}

/**
 * Gives an account without an address the one that its provider proves, unless another account has it. Never an
 * unproven one: a person who proves that address later would take the account for their own.
 */
async function adoptAddress(
  tx: Transaction,
  account: Account,
  { person: { email, isEmailVerified, provider }, now }: { person: Person; now: Date },
): Promise<Account> {
  if (account.email !== null || email === null || !isEmailVerified) return account;
  const accountId = account.id;
  const adopted = await tx.accounts.adoptAddress({ accountId, email }, now);
  if (!adopted) return account;
  await endOtherClaims(tx, email);
  await tx.audit.append({ type: "account.address_proven", reason: "the account had none", accountId, provider });
  return adopted;
}

/** Name and picture follow the provider; what it does not provide stays. */
async function syncProfile(
  tx: Transaction,
  account: Account,
  { person, now }: { person: Person; now: Date },
): Promise<Account> {
  const { name, picture } = { name: person.name ?? account.name, picture: person.picture ?? account.picture };
  if (name === account.name && picture === account.picture) return account;
  return tx.accounts.updateProfile({ accountId: account.id, name, picture }, now);
}
