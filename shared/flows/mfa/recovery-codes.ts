import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import { hashRecoveryCode, newRecoveryCodes } from "../../mfa/recovery-codes.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import { requireLiveSession, requireLiveSessionCodes } from "../account/live-session.ts";
import { tellFactors } from "./notices.ts";

export const makeRecoveryCodesCodes = ["NO_SECOND_FACTOR", ...requireLiveSessionCodes] as const;
const refuse = refusing(makeRecoveryCodesCodes);

/**
 * Gives a person new recovery codes, and ends those they had.
 * @returns the codes, which nobody can show again
 * @throws ApiError NO_SECOND_FACTOR if there is nothing to recover, UNAUTHENTICATED if the session has ended in the meantime, or
 * DATABASE_UNAVAILABLE
 */
export async function makeRecoveryCodes(context: CallContext, { account, sessionId }: Principal): Promise<string[]> {
  const { services, now } = context;
  const accountId = account.id;
  const codes = newRecoveryCodes();
  const hashes = codes.flatMap((code) => hashRecoveryCode(code) ?? []);
  const mailId = newId(now);
  await services.mail.announce([mailId]);
  await services.transaction(
    context,
    async (tx) => {
      await tx.accounts.lock(accountId);
      const { mfa_since: since } = await requireLiveSession(tx, { accountId, sessionId }, now);
      if (since === null) throw refuse("NO_SECOND_FACTOR");
      await tx.mfa.recoveryCodes.replace({ accountId, hashes }, now);
      // Somebody may have found one of those before, and have had a device remembered by it.
      await tx.mfa.rememberedDevices.endAll(accountId);
      await tellFactors(context, tx, { account, id: mailId, template: "recovery_codes_made", data: {} });
      await tx.audit.append({ type: "recovery_codes.made", accountId, sessionId });
    },
    { isRepeatable: true },
  );
  return codes;
}
