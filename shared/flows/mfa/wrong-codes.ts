import type { CallContext } from "../../context.ts";
import { mostTries } from "../../mfa/challenges.ts";
import type { SecondFactor } from "../../mfa/store.ts";
import { newId } from "../../platform/crypto/random.ts";
import { uncounted, type CountedAttempt } from "../../sign-in-failures/store.ts";
import { addingRows } from "../sign-in/counted-attempt.ts";
import { tellFactors } from "./notices.ts";

/**
 * Tells the owner of an account that somebody has its first factor, and fails at the second: after the first wrong codes
 * in a row, and while it goes on once a day.
 */
export async function noteWrongCode(
  context: CallContext,
  { method, accountId, attempt: counted }: { method: SecondFactor; accountId: string; attempt: CountedAttempt },
): Promise<void> {
  const { services } = context;
  const attempt = method === "recovery" ? await tallyRecoveryCode(context, accountId) : counted;
  if (attempt.counts.inARow !== mostTries && !attempt.isToldToOwner) return;
  const { id } = attempt;
  await services.mail.announce([id]);
  await services.transaction(
    context,
    async (tx) => {
      const account = await tx.accounts.holdAccount(accountId);
      if (account) await tellFactors(context, tx, { account, id, template: "second_factor_attempts", data: {} });
    },
    { isRepeatable: true },
  );
}

/** Nobody is delayed by a wrong recovery code: it is counted only to be told of. */
async function tallyRecoveryCode(context: CallContext, accountId: string): Promise<CountedAttempt> {
  const { services, now } = context;
  if (!services.config.limits.isOn) return uncounted;
  const id = newId(now);
  return addingRows(context, (tx) => tx.signInFailures.tallyRecoveryCode(accountId, { id, now }));
}
