import type { CallContext } from "../../context.ts";
import type { Account } from "../../accounts/tables.ts";
import type { RememberedDevice, RememberToken } from "../../mfa/remember-tokens.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import type { Transaction } from "../../stores.ts";
import { beginSession, type PendingSignIn, type SessionKeys } from "../sign-in/begin-session.ts";
import { forgive } from "../sign-in/counted-attempt.ts";

/**
 * Signs in on a device that is remembered, in the transaction that has recorded the first factor. The session has shown
 * that one alone, and says so: neither an API nor a sensitive change may take the device for a second factor.
 * @returns undefined if the device is not remembered: nothing has changed then
 */
export async function signInRemembered(
  context: CallContext,
  tx: Transaction,
  { account, ...keys }: SessionKeys & { account: Account },
): Promise<PendingSignIn | undefined> {
  const { services, now, source } = context;
  const { id: accountId, mfa_since: mfaSince } = account;
  if (mfaSince === null) return undefined;
  const device = { accountId, deviceHash: keys.device.hash, mfaSince, text: keys.remembered, source };
  const isRemembered = await tx.mfa.rememberedDevices.use(
    { ...device, seconds: services.config.mfa.rememberSeconds },
    now,
  );
  if (!isRemembered) return undefined;
  await tx.accounts.noteSignedIn(accountId, now);
  if (keys.provider !== undefined) await forgive(context, tx, account);
  return beginSession(context, tx, {
    ...keys,
    account: { ...account, last_login_at: now },
    reason: "remembered device",
  });
}

/** A device to remember, with what is made outside the transaction. */
export interface Remembering {
  readonly id: string;
  readonly token: RememberToken;
  readonly seconds: number;
}

/** Prepares to remember the device of a sign-in; undefined if the person has not asked for it, or `MFA_REMEMBER_DAYS` is 0. */
export function prepareRemembering(
  { services, now }: CallContext,
  { isAsked, ...device }: RememberedDevice & { readonly isAsked: boolean },
): Remembering | undefined {
  const { rememberSeconds: seconds } = services.config.mfa;
  if (!isAsked || seconds === 0) return undefined;
  return { id: newId(now), token: services.mfa.rememberedDevices.issue(device), seconds };
}

/** Remembers the device of a sign-in, in the transaction that has used its second factor up. Travels with the next statement. */
export async function remember(
  { now, source }: CallContext,
  tx: Transaction,
  { account, deviceHash, sessionId, remembering }: Remembered,
): Promise<void> {
  const { id: accountId, mfa_since: mfaSince } = account;
  if (!remembering || mfaSince === null) return;
  const { id, token, seconds } = remembering;
  const device = { id, accountId, deviceHash, tokenHash: token.tokenHash, mfaSince, source, seconds };
  await tx.mfa.rememberedDevices.add(device, now);
  await tx.audit.append({ type: "remembered_device.added", accountId, sessionId });
}

interface Remembered {
  readonly account: Account;
  readonly deviceHash: Buffer;
  readonly sessionId: string;
  readonly remembering: Remembering | undefined;
}

const removed = { type: "remembered_device.removed" } as const;

/** Forgets one of a person's remembered devices. @returns false if they have none of this id @throws ApiError DATABASE_UNAVAILABLE */
export function forgetRememberedDevice(
  context: CallContext,
  { account: { id: accountId }, sessionId }: Principal,
  id: string,
): Promise<boolean> {
  const forget = { ...removed, accountId, sessionId };
  return context.services.change(context, ({ mfa }) => mfa.rememberedDevices.remove({ id, accountId }), forget);
}

/** Forgets all of a person's remembered devices. @throws ApiError DATABASE_UNAVAILABLE */
export async function forgetRememberedDevices(
  context: CallContext,
  { account: { id: accountId }, sessionId }: Principal,
): Promise<void> {
  const forget = async (tx: Transaction) => {
    await tx.mfa.rememberedDevices.endAll(accountId);
    await tx.audit.append({ ...removed, reason: "all", accountId, sessionId });
  };
  await context.services.transaction(context, forget, { isRepeatable: true });
}
