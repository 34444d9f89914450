import { sessionsEnded } from "../../audit/audit.ts";
import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import { newId } from "../../platform/crypto/random.ts";
import { withoutPasskey } from "../../sessions/authentication.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import { requireLiveSession, requireLiveSessionCodes } from "../account/live-session.ts";
import { tellFactors } from "../mfa/notices.ts";

export const removePasskeyCodes = ["NOT_FOUND", ...requireLiveSessionCodes] as const;
const refuse = refusing(removePasskeyCodes);

/**
 * Removes a passkey, and ends the other sessions: whoever has the lost phone may have one. With the last passkey ends what this
 * session has shown by one, from its next access token on.
 * @throws ApiError NOT_FOUND, UNAUTHENTICATED if the session has ended in the meantime, or DATABASE_UNAVAILABLE
 */
export async function removePasskey(context: CallContext, principal: Principal, id: string): Promise<void> {
  const { services, now } = context;
  const { account, sessionId, authentication } = principal;
  const accountId = account.id;
  const mailId = newId(now);
  await services.mail.announce([mailId]);
  await services.transaction(context, async (tx) => {
    await tx.accounts.lock(accountId);
    await requireLiveSession(tx, { accountId, sessionId }, now);
    const removed = await tx.passkeys.remove({ id, accountId });
    if (!removed) throw refuse("NOT_FOUND");
    const methods = withoutPasskey(authentication.methods);
    // The same methods are left to a session that has shown none: nothing to ask about.
    if (methods !== authentication.methods && !(await tx.passkeys.hasAny(accountId)))
      await tx.sessions.noteAuthentication(sessionId, { at: authentication.at, methods });
    await tx.mfa.endSignIns(accountId);
    const ended = await tx.sessions.endAll({ accountId, except: [sessionId], reason: "way_removed" }, now);
    const data = { name: removed.name ?? "" };
    await tellFactors(context, tx, { account, id: mailId, template: "passkey_removed", data });
    const events = sessionsEnded(ended, { accountId, reason: "passkey removed" });
    await tx.audit.append(...events, { type: "passkey.removed", accountId, sessionId });
  });
}
