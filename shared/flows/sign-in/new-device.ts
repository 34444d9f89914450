import { normaliseEmail } from "../../accounts/email.ts";
import type { Account } from "../../accounts/tables.ts";
import type { CallContext } from "../../context.ts";
import { describeUserAgent } from "../../devices/user-agent.ts";
import { newOneTimeSecret } from "../../one-time-tokens/secrets.ts";
import { newId } from "../../platform/crypto/random.ts";
import { localeFor } from "../../platform/locale.ts";
import type { Transaction } from "../../stores.ts";

/** What a sign-in may have to tell the account's owner: that its device is new to the account (ASVS 6.3.7). */
export interface DeviceNotice {
  readonly mailId: string;
  /** Of the mail about an identity that the sign-in has linked. */
  readonly linkMailId: string;
  /** Of the link by which an owner who did not sign in chooses a new password. */
  readonly token: string;
}

/**
 * Prepares a notice, before the transaction of the sign-in.
 * @param mayLink whether the sign-in may link an identity
 */
export async function prepareNotice(
  { services, now }: CallContext,
  { mayLink }: { mayLink: boolean },
): Promise<DeviceNotice> {
  const [mailId, linkMailId] = [newId(now), newId(now)];
  await services.mail.announce(mayLink ? [mailId, linkMailId] : [mailId]);
  return { mailId, linkMailId, token: newOneTimeSecret().token };
}

/** Posts the notice in the transaction of the sign-in. An account without an address gets none. */
export async function postNotice(
  { now, source, locale }: CallContext,
  tx: Transaction,
  { account, notice: { mailId, token } }: { account: Account; notice: DeviceNotice },
): Promise<void> {
  const { id: accountId, email, username } = account;
  if (email === null) return;
  const address = { email, emailNormalised: normaliseEmail(email) };
  // Whoever knows the password could otherwise end the link that the owner has asked for, by signing in.
  const reset = { purpose: "reset_password", subjectId: accountId, endsOthers: false } as const;
  await tx.oneTimeTokens.issue({ ...reset, secret: { token }, ...address }, now);
  const device = describeUserAgent(source.userAgent).label ?? "";
  const data = { username, device, address: source.address ?? "", at: now.toISOString(), token };
  const to = { to: email, accountId, locale: localeFor(account, locale) };
  await tx.mail.post({ id: mailId, template: "new_device", ...to, data }, now);
}

/** Undoes a transaction that found a notice to be due: it runs again with one. */
export class NoticeDue extends Error {}

/** Whose sign-in, from which device. */
export interface Arrival {
  readonly accountId: string;
  readonly deviceHash: Buffer;
  readonly notice: DeviceNotice | undefined;
}

/**
 * Finds out, before a sign-in is recorded, whether it is to be told to the account's owner.
 * @returns the notice to post, undefined if none is due; and whether the account knows the device
 * @throws NoticeDue if none was prepared
 */
export async function noticeDue(
  tx: Transaction,
  { notice, ...device }: Arrival,
  now: Date,
): Promise<{ notice: DeviceNotice | undefined; isDeviceKnown: boolean }> {
  const { isNew, isKnown: isDeviceKnown } = await tx.accounts.findDevice(device, now);
  if (!isNew) return { notice: undefined, isDeviceKnown };
  if (!notice) throw new NoticeDue();
  return { notice, isDeviceKnown };
}
