import type { AddressHolder } from "../../accounts/address-queries.ts";
import type { ClaimedAccount } from "../../accounts/claims.ts";
import { normaliseEmail } from "../../accounts/email.ts";
import type { Account } from "../../accounts/tables.ts";
import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import type { Device } from "../../devices/devices.ts";
import { newId } from "../../platform/crypto/random.ts";
import { DuplicateKeyError } from "../../platform/database/errors.ts";
import { localeFor } from "../../platform/locale.ts";
import { networkOf, siteOf } from "../../platform/network.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import { uncounted, type CountedAttempt } from "../../sign-in-failures/store.ts";
import type { Claimant } from "../../sign-in-failures/subjects.ts";
import type { Transaction } from "../../stores.ts";

export const countAttemptCodes = ["RATE_LIMITED"] as const;
const refuse = refusing(countAttemptCodes);

/**
 * Counts an attempt to show a password, before it is verified. Whoever shows the right one calls
 * `signInFailures.reset`, whoever fails calls `noteFailure`. If `isClosed`, the caller verifies the password all the same,
 * and fails.
 * @throws ApiError RATE_LIMITED during a delay, DATABASE_UNAVAILABLE
 */
export async function countAttempt(context: CallContext, claimant: Claimant): Promise<CountedAttempt> {
  const { services, now } = context;
  if (!services.config.limits.isOn) return uncounted;
  const id = newId(now);
  const attempt = await addingRows(context, (tx) => tx.signInFailures.count(claimant, { id, now }));
  const { retryAfterSeconds } = attempt;
  if (retryAfterSeconds !== undefined) throw refuse("RATE_LIMITED", { retryAfterSeconds });
  return attempt;
}

/** Runs a transaction again if another call has added the same row: each of an attempt's rows may be added at once. */
export async function addingRows<T>(context: CallContext, work: (tx: Transaction) => Promise<T>): Promise<T> {
  for (let left = mostRuns; ; left -= 1) {
    try {
      return await context.services.transaction(context, work, { isRepeatable: true });
    } catch (error) {
      if (!(error instanceof DuplicateKeyError) || left <= 1) throw error;
    }
  }
}

const mostRuns = 3;

/**
 * Takes an attempt back whose password was not verified, or was right. If the answer is lost, it does not run again:
 * each time too many would be a guess more.
 */
export async function giveBack(context: CallContext, attempt: CountedAttempt): Promise<void> {
  if (!attempt.subjects) return;
  await context.services.transaction(context, (tx) => tx.signInFailures.giveBack(attempt, context.now));
}

/** Who shows a password for an address: somebody from a device that its account knows, or a stranger. */
export function claimantOf({ source }: CallContext, { email, password, account, device }: Claim): Claimant {
  if (account?.isDeviceKnown) return { accountId: account.accountId, deviceId: device.hash.toString("base64url") };
  const from = { network: networkOf(source.address), site: siteOf(source.address) };
  return { identifier: normaliseEmail(email), ...from, accountId: account?.accountId, password };
}

/** Who shows the password of an account that they are signed in to. */
export const claimantIn = ({ account: { id: accountId }, sessionId }: Principal): Claimant => ({
  accountId,
  deviceId: `session ${sessionId}`,
});

/** Whose password was tried by somebody who is signed in. */
export const failedIn = ({ account: { id: accountId, ...account } }: Principal): FailedClaim => ({
  email: account.email,
  account: { accountId, ...account, isActive: true, eraseAt: null },
});

export interface Claim {
  readonly email: string;
  readonly password: string;
  readonly account: ClaimedAccount | undefined;
  readonly device: Device;
}

/**
 * Opens an account to strangers again, in the transaction of what shows its owner other than by a password: a mailed link,
 * a provider. Nobody from the owner's network has to wait any more. Travels with the next statement.
 */
export async function forgive(
  { source }: CallContext,
  tx: Transaction,
  { id: accountId, email }: Pick<Account, "id" | "email">,
): Promise<void> {
  // The address before the account, as attempts do: otherwise each could wait for the other.
  const address = { identifier: normaliseEmail(email ?? ""), network: networkOf(source.address) };
  if (email !== null) await tx.signInFailures.forgetAddress(address);
  await tx.signInFailures.forget(accountId);
}

/**
 * Does what an attempt is for. However it ends, unless it succeeds: it is a failure, and no answer keeps its notice back.
 */
export async function orNoteFailure<T>(
  context: CallContext,
  { attempt, ...claim }: FailedClaim & { readonly attempt: CountedAttempt },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await noteFailure(context, attempt, claim);
    throw error;
  }
}

/** Whose password was tried, by the address that was typed. */
export interface FailedClaim {
  readonly email: string | null;
  /** Undefined if there is none. */
  readonly account: Owner | undefined;
}

type Owner = Pick<AddressHolder, "accountId" | "username" | "locale" | "isActive" | "eraseAt"> & Pick<Account, "email">;

/**
 * Tells the account's owner of the failures, once a day at most, and records when they have closed it to strangers. For an
 * address without an account the same work is done for a mail to nobody.
 */
export async function noteFailure(
  context: CallContext,
  { id, counts, isToldToOwner, subjects }: CountedAttempt,
  { email, account }: FailedClaim,
): Promise<void> {
  const { services, now } = context;
  const isClosing = subjects?.common !== undefined && counts.ofAccount === services.config.signInFailures.perAccount;
  if (!isToldToOwner && !isClosing) return;
  const holder = account?.isActive || account?.eraseAt ? account : undefined;
  if (isToldToOwner) await services.mail.announce([id]);
  await services.transaction(
    context,
    async (tx) => {
      const to = { to: holder?.email ?? null, accountId: holder?.accountId ?? null };
      const mail = { id, template: "sign_in_attempts", ...to, locale: localeFor(holder, context.locale) } as const;
      if (isToldToOwner) await tx.mail.post({ ...mail, data: { username: holder?.username ?? "" } }, now);
      // What is about nobody is what a stranger did, and is erased as such.
      const about = account
        ? { accountId: account.accountId }
        : { email: email ?? undefined, actor: { kind: "anonymous" } as const };
      if (isClosing) await tx.audit.append({ type: "sign_in.closed", ...about });
    },
    { isRepeatable: true },
  );
}
