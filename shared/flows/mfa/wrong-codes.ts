import type { CallContext } from "../../context.ts";
import { mostTries, type Challenge } from "../../mfa/challenges.ts";
import type { SecondFactor } from "../../mfa/store.ts";
import { newId } from "../../platform/crypto/random.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import { uncounted, type CountedAttempt } from "../../sign-in-failures/store.ts";
import { addingRows, giveBack } from "../sign-in/counted-attempt.ts";
import { tellFactors } from "./notices.ts";

/**
 * Does what a try at a second factor is for. A wrong code is told to the owner; after any other failure the try counts nowhere.
 * @param tried who tried, and the challenge that counts the try, too, if there is one
 */
export async function orNoteWrongCode<T>(
  context: CallContext,
  { challenge, ...tried }: Tried & { readonly challenge: Challenge | undefined },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError && wrong.has(error.code)) await noteWrongCode(context, tried);
    else {
      const tries = context.services.mfa.challenges;
      // What cannot be given back stays counted, and the caller hears of the first failure.
      await Promise.allSettled([challenge && tries.giveBackTry(challenge), giveBack(context, tried.attempt)]);
    }
    throw error;
  }
}

const wrong: ReadonlySet<string> = new Set(["MFA_CODE_INVALID", "MFA_TOKEN_INVALID"]);

interface Tried {
  readonly accountId: string;
  readonly method: SecondFactor;
  readonly attempt: CountedAttempt;
}

/**
 * Tells the owner of an account that somebody has its first factor, and fails at the second: after the first wrong codes
 * in a row, and while it goes on once a day.
 */
async function noteWrongCode(context: CallContext, { method, accountId, attempt: counted }: Tried): Promise<void> {
  const { services } = context;
  const isUncounted = method === "recovery" || method === "passkey";
  const attempt = isUncounted ? await tallyUncounted(context, accountId) : counted;
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

/** Nobody is delayed by a wrong recovery code, or a wrong passkey: it is counted only to be told of. */
async function tallyUncounted(context: CallContext, accountId: string): Promise<CountedAttempt> {
  const { services, now } = context;
  if (!services.config.limits.isOn) return uncounted;
  const id = newId(now);
  return addingRows(context, (tx) => tx.signInFailures.tallyRecoveryCode(accountId, { id, now }));
}
