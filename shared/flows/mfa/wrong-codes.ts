import type { CallContext } from "../../context.ts";
import { mostTries } from "../../mfa/challenges.ts";
import type { CountedAttempt } from "../../sign-in-failures/store.ts";
import { tellFactors } from "./notices.ts";

/**
 * Tells the owner of an account that somebody has its first factor, and fails at the second: after the first wrong codes
 * in a row, and while it goes on once a day.
 */
export async function noteWrongCode(
  context: CallContext,
  { accountId, attempt }: { accountId: string; attempt: CountedAttempt },
): Promise<void> {
  const { services } = context;
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
