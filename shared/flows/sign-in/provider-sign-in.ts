import type { CallContext } from "../../context.ts";
import type { Account } from "../../accounts/tables.ts";
import type { AuditEvent } from "../../audit/audit.ts";
import type { Provider, ProviderProfile } from "../../social/provider.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { Stores } from "../../services.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import { beginSession, completeSignIn, newSessionKeys, type PendingSignIn, type SessionKeys } from "./begin-session.ts";
import { toPerson, type Person } from "../social/person.ts";
import { decideRace, RaceLost } from "../race-lost.ts";

export interface ProvenIdentity {
  readonly provider: Provider;
  readonly profile: ProviderProfile;
  /** The refresh token of the session that the browser holds already. */
  readonly replaces?: string | undefined;
}

/**
 * Signs in somebody whom a provider has named. Whose account it is:
 * - the one with this identity;
 * - else, by an address that the provider proves: the account that has proven it too; or the one that has not, whose
 *   earlier sign-in methods are removed first, since whoever made it may be somebody else (pre-hijacking). Never one that another
 *   subject of this provider signs in to: the address has changed hands, and one of the two is a stranger;
 * - else a new one, unless the address is an account's.
 * @throws ApiError LINK_REQUIRES_PROOF, ACCOUNT_INACTIVE, OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function signInWithProvider(
  context: CallContext,
  { provider, profile, replaces }: ProvenIdentity,
): Promise<IssuedTokens> {
  const { services, now, source } = context;
  const person = toPerson(provider, profile);
  const authentication = { at: authenticatedAt(profile, now), methods: [] };
  const keys = await newSessionKeys(context, { authentication, replaces });
  const arriving = { person, accountId: newId(now), identityId: newId(now) };
  const { session, arrival } = await arrive(context, { arriving, keys });
  const event = { accountId: session.account.id, provider: provider.name, source };
  for (const told of eventsOf(arrival)) services.audit.record({ ...event, ...told });
  return completeSignIn(context, session, provider.name);
}

/** When somebody has signed in at the provider: its clock may be ahead. */
export function authenticatedAt({ authenticatedAt: at }: ProviderProfile, now: Date): Date {
  return at > now ? now : at;
}

/** What an arrival has changed, for the audit log: also the notice that an identity was linked. */
function eventsOf({ how, removed }: Arrival): Pick<AuditEvent, "type" | "reason" | "sessionId" | "provider">[] {
  if (how === "known") return [];
  if (how === "addressed") return [{ type: "account.address_proven", reason: "the account had none" }];
  const reason = "address proven";
  return [
    ...(how === "created" ? [{ type: "account.registered" } as const] : []),
    ...(how === "proven"
      ? [{ type: "account.address_proven", reason: "earlier sign-in methods removed" } as const]
      : []),
    ...removed.sessions.map((sessionId) => ({ type: "session.ended", reason, sessionId }) as const),
    ...removed.identities.map((provider) => ({ type: "identity.unlinked", reason, provider }) as const),
    { type: "identity.linked", reason: how },
  ];
}

type Arriving = { readonly person: Person; readonly accountId: string; readonly identityId: string };

/**
 * How somebody has come to an account: by the identity, which may have given it an address; or by having it linked to one
 * that was found, proven or made.
 */
interface Arrival {
  readonly how: "known" | "addressed" | "linked" | "proven" | "created";
  readonly account: Account;
  readonly removed: Removed;
}

/** What was on an account before its address was proven. */
interface Removed {
  readonly sessions: readonly string[];
  /** The providers of its identities. */
  readonly identities: readonly string[];
}

const nothing: Removed = { sessions: [], identities: [] };

async function arrive(
  context: CallContext,
  { arriving, keys }: { arriving: Arriving; keys: SessionKeys },
): Promise<{ session: PendingSignIn; arrival: Arrival }> {
  const { now } = context;
  // A run whose answer was lost has made the identity with this id: what it found is what happened.
  let first: Arrival | undefined;
  return decideRace(context, async (tx) => {
    const known = await tx.identities.find(arriving.person);
    const arrival = known ? await enter(tx, { ...arriving, known }, now) : await findOrCreate(tx, arriving, now);
    const account = await syncProfile(tx, arrival.account, { person: arriving.person, now });
    const session = await beginSession(tx, { account, ...keys }, now);
    if (known?.id !== arriving.identityId || !first) first = arrival;
    return { session, arrival: first };
  });
}

async function enter(
  tx: Stores,
  { person, known }: Arriving & { known: { id: string; accountId: string } },
  now: Date,
): Promise<Arrival> {
  const account = await tx.accounts.recordProviderSignIn({ accountId: known.accountId }, now);
  if (!account) throw new ApiError("ACCOUNT_INACTIVE", { accountId: known.accountId });
  // Only now is the account's row held: the identity may have been removed since it was found.
  if (!(await tx.identities.recordUse(known.id, person.email, now))) throw new RaceLost();
  const addressed = await adoptAddress(tx, account, { person, now });
  return { how: addressed ? "addressed" : "known", account: addressed ?? account, removed: nothing };
}

async function findOrCreate(tx: Stores, arriving: Arriving, now: Date): Promise<Arrival> {
  const { email, isEmailVerified, provider } = arriving.person;
  const holder = email === null ? undefined : await tx.accounts.findByEmail(email);
  if (email === null || !holder) return create(tx, arriving, now);
  const { accountId, isActive, isVerified } = holder;
  const unproven = () =>
    new ApiError("LINK_REQUIRES_PROOF", { accountId, details: { link_at: `/auth/me/identities/${provider}` } });
  if (!isEmailVerified) throw unproven();
  if (!isActive) throw new ApiError("ACCOUNT_INACTIVE", { accountId });
  const removed = isVerified ? nothing : await removeEarlierMethods(tx, { ...arriving.person, accountId, email }, now);
  const account = await tx.accounts.recordProviderSignIn({ accountId, verifiedEmail: email }, now);
  if (!account) throw new RaceLost();
  // Only now is the account's row held: of two subjects that arrive at once the second one sees the first. What was
  // removed comes back with the transaction.
  const isShared = removed.identities.includes(provider) || (await tx.identities.isLinked({ accountId, provider }));
  if (isShared) throw unproven();
  await attachIdentity(tx, arriving, { accountId, now });
  return { how: isVerified ? "linked" : "proven", account, removed };
}

/** Takes the address as proven, and removes what whoever made the account may have left on it. */
async function removeEarlierMethods(
  tx: Stores,
  { accountId, email, username, name, picture }: Person & { accountId: string; email: string },
  now: Date,
): Promise<Removed> {
  if (!(await tx.accounts.proveAddress({ accountId, email, username, name, picture }, now))) throw new RaceLost();
  const identities = await tx.identities.removeAll(accountId);
  return { identities, sessions: await tx.sessions.endAll({ accountId, reason: "address_proven" }, now) };
}

async function create(tx: Stores, arriving: Arriving, now: Date): Promise<Arrival> {
  const { accountId, person } = arriving;
  const { email, username, ...provided } = person;
  const account = await tx.accounts.create({ id: accountId, email, username, passwordHash: null, provided }, now);
  if (!account) throw new RaceLost();
  await attachIdentity(tx, arriving, { accountId, now });
  return { how: "created", account, removed: nothing };
}

async function attachIdentity(
  tx: Stores,
  { identityId: id, person: { provider, subject, email } }: Arriving,
  { accountId, now }: { accountId: string; now: Date },
): Promise<void> {
  if (!(await tx.identities.add({ id, accountId, provider, subject, email }, now))) throw new RaceLost();
}

/**
 * An account without an address gets the one that its provider proves, where nobody else has it. An unproven one it must
 * not get: whoever proves that later would take the account for one made with their address.
 */
async function adoptAddress(
  tx: Stores,
  account: Account,
  { person: { email, isEmailVerified }, now }: { person: Person; now: Date },
): Promise<Account | undefined> {
  if (account.email !== null || email === null || !isEmailVerified) return undefined;
  return tx.accounts.adoptAddress({ accountId: account.id, email }, now);
}

/** Name and picture follow the provider; what it does not say stays. */
async function syncProfile(
  tx: Stores,
  account: Account,
  { person, now }: { person: Person; now: Date },
): Promise<Account> {
  const { name, picture } = { name: person.name ?? account.name, picture: person.picture ?? account.picture };
  if (name === account.name && picture === account.picture) return account;
  return tx.accounts.updateProfile({ accountId: account.id, name, picture }, now);
}
