import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import { uncounted } from "../../sign-in-failures/store.ts";
import { countAttempt, countAttemptCodes } from "../sign-in/counted-attempt.ts";
import { orNoteCountReversed } from "../passkeys/shown-passkey.ts";
import { readShown, useUpCodes, type FactorProof, type ShownFactor } from "./shown-factor.ts";
import { orNoteWrongCode } from "./wrong-codes.ts";

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
  { principal, proof }: { principal: Principal; proof: FactorProof },
  work: (shown: ShownFactor) => Promise<T>,
): Promise<T> {
  const { services } = context;
  const { account, sessionId, authentication } = principal;
  const { method } = proof;
  const accountId = account.id;
  const isPasskey = method === "passkey";
  if (account.mfa_since === null && !isPasskey) throw refuse("NO_SECOND_FACTOR");
  const factors = method === "totp" ? await services.mfa.totp.listConfirmed(accountId) : [];
  // Neither a recovery code nor a passkey can be guessed.
  const claimant = { accountId, knownDevice: Buffer.from(countedAs(principal)) };
  const attempt = method === "recovery" || isPasskey ? uncounted : await countAttempt(context, claimant);
  const done = await orNoteWrongCode(context, { accountId, method, attempt, challenge: undefined }, async () => {
    const session = { id: sessionId, methods: authentication.methods };
    const showing = { accountId, factors, challenge: undefined, session, isClosed: attempt.isClosed };
    const shown = await readShown(context, proof, showing);
    if (!shown) throw refuse("MFA_CODE_INVALID", { about: { reason: method } });
    const reversed = () => refuse("MFA_CODE_INVALID", { about: { reason: "the count runs backwards" } });
    return orNoteCountReversed(context, reversed, () => work(shown));
  });
  await services.signInFailures.reset(attempt);
  return done;
}

/**
 * Under what a session's tries are counted. Whoever has shown a second factor is counted by itself. All others of an account are
 * counted together: a password and a remembered device, or a mailbox, begin a new session for each few guesses.
 */
const countedAs = ({ sessionId, authentication }: Principal): string =>
  authentication.methods.includes("mfa") ? `session ${sessionId}` : "sessions without a second factor";
