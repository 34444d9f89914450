import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import { newId } from "../../platform/crypto/random.ts";
import { localeFor } from "../../platform/locale.ts";
import type { CountedAttempt } from "../../sign-in-failures/store.ts";
import type { Provider, ProviderProfile } from "../../social/provider.ts";
import { refuseAtEvenTime } from "../even-time.ts";
import { admitAttempt, admitAttemptCodes } from "../sign-in/admit-attempt.ts";
import { orNoteFailure } from "../sign-in/counted-attempt.ts";

export const cancelDeletionCodes = [...admitAttemptCodes, "INVALID_CREDENTIALS", "OVERLOADED"] as const;
const refuse = refusing(cancelDeletionCodes);

/** What a person shows who wants to keep an account: its password, or an identity at a provider. */
export type OwnerProof =
  | {
      readonly email: string;
      readonly password: string;
      readonly device: string | undefined;
      readonly captchaToken: string | undefined;
    }
  | { readonly provider: Provider; readonly profile: ProviderProfile };

/**
 * Keeps an account that is to be erased, and tells its owner. Starts no session. Unknown addresses, wrong passwords and
 * accounts that are not to be erased get the same answer after the same work: nobody can try passwords of accounts in use
 * here, where their owners would hear of no sign-in.
 * @throws ApiError RATE_LIMITED during a delay, CAPTCHA_REQUIRED, CAPTCHA_UNAVAILABLE, INVALID_CREDENTIALS, OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function cancelDeletion(context: CallContext, proof: OwnerProof): Promise<void> {
  await refuseAtEvenTime(context.services.clock, () =>
    "password" in proof ? byPassword(context, proof) : byProvider(context, proof),
  );
}

async function keep(context: CallContext, owner: ProvenOwner): Promise<void> {
  const { services, now } = context;
  const { accountId } = owner;
  const mailId = newId(now);
  await services.mail.announce([mailId]);
  const isKept = await services.transaction(
    context,
    async (tx) => {
      const account = await tx.accounts.reactivate(owner, now);
      // Perhaps another call has cancelled it since, or this transaction's own earlier run.
      if (!account) {
        await tx.audit.append(...tx.audit.earlier);
        return tx.accounts.isActive(accountId);
      }
      if (owner.attempt) await tx.signInFailures.reset(owner.attempt);
      const { email: to, username } = account;
      const mail = { id: mailId, template: "deletion_cancelled", to, accountId } as const;
      await tx.mail.post({ ...mail, locale: localeFor(account, context.locale), data: { username } }, now);
      await tx.audit.append({ type: "account.deletion_cancelled", accountId });
      return true;
    },
    { isRepeatable: true },
  );
  if (!isKept) throw refuse("INVALID_CREDENTIALS", { about: { accountId, reason: "inactive account" } });
}

/** A person who has shown to own an account; with the hash that was verified, if by its password. */
interface ProvenOwner {
  readonly accountId: string;
  readonly passwordHash?: string | undefined;
  readonly attempt?: CountedAttempt | undefined;
}

async function byPassword(
  context: CallContext,
  { email, password, device: deviceToken, captchaToken }: Extract<OwnerProof, { password: string }>,
): Promise<void> {
  const { services, now } = context;
  const device = services.devices.present(deviceToken);
  const { account } = await services.accounts.findClaims(email, now, device.hash);
  const captcha = { action: "cancel_deletion", token: captchaToken } as const;
  const attempt = await admitAttempt(context, { email, password, account, device }, captcha);
  await orNoteFailure(context, { email, account, attempt }, async () => {
    const isMatch = (await services.passwords.verify(password, account?.passwordHash)) && !attempt.isClosed;
    if (account?.eraseAt && isMatch) {
      const { accountId, passwordHash } = account;
      return keep(context, { accountId, passwordHash: passwordHash ?? undefined, attempt });
    }
    const reason = account ? (isMatch ? notDeleted : "wrong password") : "unknown address";
    throw refuse("INVALID_CREDENTIALS", {
      about: { reason, ...(account ? { accountId: account.accountId } : { email }) },
    });
  });
}

const notDeleted = "not to be erased";

async function byProvider(
  context: CallContext,
  { provider: { name: provider }, profile: { subject } }: { provider: Provider; profile: ProviderProfile },
): Promise<void> {
  const { identities, accounts } = context.services;
  const identity = await identities.find({ provider, subject });
  if (!identity) throw refuse("INVALID_CREDENTIALS", { about: { reason: "unknown identity" } });
  const { accountId } = identity;
  if (!(await accounts.readEraseTime(accountId)))
    throw refuse("INVALID_CREDENTIALS", { about: { accountId, reason: notDeleted } });
  await keep(context, { accountId });
}
