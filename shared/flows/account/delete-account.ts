import { sessionsEnded } from "../../audit/audit.ts";
import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import { addSeconds } from "../../platform/clock.ts";
import { newId } from "../../platform/crypto/random.ts";
import { localeFor } from "../../platform/locale.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import type { Transaction } from "../../stores.ts";
import { statusIndexKeptSeconds } from "../../tokens/status/status-tokens.ts";
import { requireLiveSession, requireLiveSessionCodes } from "./live-session.ts";

export const deleteAccountCodes = requireLiveSessionCodes;
const refuse = refusing(deleteAccountCodes);

/**
 * Deactivates an account at once, ends its sessions and links, and tells its owner when it will be erased.
 * @returns when
 * @throws ApiError UNAUTHENTICATED if the session has ended in the meantime, DATABASE_UNAVAILABLE, SIGNING_UNAVAILABLE
 */
export async function deleteAccount(context: CallContext, { account, sessionId }: Principal): Promise<Date> {
  const { services, now, locale } = context;
  const accountId = account.id;
  const eraseAt = await erasureTime(context, accountId);
  const letterId = newId(now);
  await services.mail.announce([letterId]);
  await services.transaction(
    context,
    async (tx) => {
      if (tx.audit.earlier.length > 0 && (await isOwnTrace(tx, { accountId, eraseAt })))
        return tx.audit.append(...tx.audit.earlier);
      await tx.accounts.lock(accountId);
      await requireLiveSession(tx, { accountId, sessionId }, now);
      const deactivated = await tx.accounts.deactivate({ accountId, eraseAt }, now);
      if (!deactivated) throw refuse("UNAUTHENTICATED", { about: { accountId } });
      const ended = await tx.sessions.endAll({ accountId, reason: "account_deleted" }, now);
      await tx.oneTimeTokens.endAll(accountId);
      await tx.mfa.endSignIns(accountId);
      const { email: to, username } = deactivated;
      const data = { username, erasedAt: eraseAt.toISOString() };
      const spoken = localeFor(deactivated, locale);
      if (to !== null)
        await tx.mail.post({ id: letterId, template: "deletion_requested", to, accountId, locale: spoken, data }, now);
      await tx.audit.append(
        { type: "account.deletion_requested", accountId, sessionId },
        ...sessionsEnded(ended, { accountId, reason: "account deleted" }),
      );
    },
    { isRepeatable: true },
  );
  return eraseAt;
}

/** Whether an earlier run of the transaction did it, whose commit went through although its answer was lost. */
async function isOwnTrace(
  tx: Transaction,
  { accountId, eraseAt }: { accountId: string; eraseAt: Date },
): Promise<boolean> {
  return (await tx.accounts.readEraseTime(accountId))?.getTime() === eraseAt.getTime();
}

/**
 * After the grace period; but not while the status lists must still say that the account's access tokens have ended, nor
 * while its owner may still undo a change of the address: whoever changed it may be the one who deletes the account.
 */
async function erasureTime({ services, now }: CallContext, accountId: string): Promise<Date> {
  const { config, tokens, oneTimeTokens } = services;
  const statusSeconds = statusIndexKeptSeconds(await tokens.keys.longestTokenSeconds(now));
  const earliest = addSeconds(now, Math.max(config.accounts.deletionGraceSeconds, statusSeconds));
  const undos = await oneTimeTokens.liveUndos(accountId, now);
  return new Date(Math.max(earliest.getTime(), ...undos.map(({ expiresAt }) => expiresAt.getTime())));
}
