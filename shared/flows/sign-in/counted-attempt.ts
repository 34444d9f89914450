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
import { networkOf } from "../../platform/network.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import { isStuffing, mostAddresses } from "../../sign-in-failures/rules.ts";
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
  const count = () =>
    services.transaction(context, (tx) => tx.signInFailures.count(claimant, { id, now }), { isRepeatable: true });
  const attempt = await count().catch((error: unknown) => {
    if (error instanceof DuplicateKeyError) return count();
    throw error;
  });
  const { retryAfterSeconds } = attempt;
  if (retryAfterSeconds !== undefined) throw refuse("RATE_LIMITED", { retryAfterSeconds });
  if (isStuffing(attempt.counts)) await slowNetwork(context, attempt);
  return attempt;
}

/** Who shows a password for an address: somebody from a device that its account knows, or a stranger. */
export function claimantOf({ source }: CallContext, { email, password, account, device }: Claim): Claimant {
  if (account?.isDeviceKnown) return { accountId: account.accountId, deviceId: device.hash.toString("base64url") };
  const network = networkOf(source.address);
  return { identifier: normaliseEmail(email), network, accountId: account?.accountId, password };
}

/** Who shows the password of an account that they are signed in to. */
export const claimantIn = ({ account: { id: accountId }, sessionId }: Principal): Claimant => ({
  accountId,
  deviceId: `session ${sessionId}`,
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
  await tx.signInFailures.forget(accountId);
  const address = { identifier: normaliseEmail(email ?? ""), network: networkOf(source.address) };
  if (email !== null) await tx.signInFailures.forgetAddress(address);
}

async function slowNetwork(context: CallContext, attempt: CountedAttempt): Promise<void> {
  const { services, now } = context;
  const slow = () =>
    services.transaction(context, (tx) => tx.signInFailures.slow(attempt, now), { isRepeatable: true });
  if (!(await slow())) return;
  const isByNetwork = attempt.counts.addressesOfNetwork >= mostAddresses;
  const reason = isByNetwork ? "one network, many addresses" : "one password, many addresses";
  await services.audit.record(context, { type: "sign_in.stuffing_detected", reason });
}

/**
 * Tells the account's owner of the failures, once a day at most, and records when they have closed it to strangers. For an
 * address without an account the same work is done for a mail to nobody.
 */
export async function noteFailure(
  context: CallContext,
  { id, counts, isToldToOwner }: CountedAttempt,
  { email, account }: { readonly email: string; readonly account: AddressHolder | undefined },
): Promise<void> {
  const { services, now } = context;
  const isClosing = counts.ofAccount === services.config.signInFailures.perAccount;
  if (!isToldToOwner && !isClosing) return;
  const holder = account?.isActive || account?.eraseAt ? account : undefined;
  if (isToldToOwner) await services.mail.announce([id]);
  await services.transaction(
    context,
    async (tx) => {
      const to = { to: holder?.email ?? null, accountId: holder?.accountId ?? null };
      const mail = { id, template: "sign_in_attempts", ...to, locale: localeFor(holder, context.locale) } as const;
      if (isToldToOwner) await tx.mail.post({ ...mail, data: { username: holder?.username ?? "" } }, now);
      if (isClosing) await tx.audit.append({ type: "sign_in.closed", accountId: account?.accountId, email });
    },
    { isRepeatable: true },
  );
}
