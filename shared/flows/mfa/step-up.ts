import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import { uncounted, type CountedAttempt } from "../../sign-in-failures/store.ts";
import { atSecondFactor } from "../../sign-in-failures/subjects.ts";
import { countAttempt, countAttemptCodes, giveBack } from "../sign-in/counted-attempt.ts";
import { readShown, useUpCodes, type FactorProof, type ShownFactor } from "./shown-factor.ts";
import { noteWrongCode } from "./wrong-codes.ts";

export const showInSessionCodes = ["NO_SECOND_FACTOR", ...countAttemptCodes, ...useUpCodes] as const;
const refuse = refusing(showInSessionCodes);

/**
 * Takes a second factor of the person who is signed in, for what `work` does with it: as at a sign-in, a try is counted before
 * the code is looked at, and the owner is told of wrong ones.
 * @param work uses the factor up
 * @throws ApiError NO_SECOND_FACTOR, RATE_LIMITED during a delay, MFA_CODE_INVALID or DATABASE_UNAVAILABLE, and what `work` throws
 */
export async function showInSession<T>(
  context: CallContext,
  { account, proof }: Pick<Principal, "account"> & { proof: FactorProof },
  work: (shown: ShownFactor) => Promise<T>,
): Promise<T> {
  const { services } = context;
  const { id: accountId } = account;
  if (account.mfa_since === null) throw refuse("NO_SECOND_FACTOR");
  const factors = proof.method === "totp" ? await services.mfa.totp.listConfirmed(accountId) : [];
  // A recovery code cannot be guessed.
  const attempt = proof.method === "recovery" ? uncounted : await countAttempt(context, atSecondFactor(accountId));
  const done = await orNoteWrongCode(context, { accountId, attempt }, async () => {
    const shown = await readShown(context, proof, { factors, challenge: undefined, isClosed: attempt.isClosed });
    if (!shown) throw refuse("MFA_CODE_INVALID", { about: { reason: proof.method } });
    return work(shown);
  });
  await services.signInFailures.reset(attempt);
  return done;
}

/** Whatever the code is wrong for counts; what has failed for another reason is no guess. */
async function orNoteWrongCode<T>(
  context: CallContext,
  { accountId, attempt }: { accountId: string; attempt: CountedAttempt },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isWrong = error instanceof ApiError && error.code === "MFA_CODE_INVALID";
    await (isWrong ? noteWrongCode(context, { accountId, attempt }) : giveBack(context, attempt));
    throw error;
  }
}
