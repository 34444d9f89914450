import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import type { Device } from "../../devices/devices.ts";
import type { Challenge } from "../../mfa/challenges.ts";
import type { TotpFactor } from "../../mfa/totp-queries.ts";
import { newId } from "../../platform/crypto/random.ts";
import { joined, type AuthenticationMethod } from "../../sessions/authentication.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import { uncounted, type CountedAttempt } from "../../sign-in-failures/store.ts";
import {
  beginSession,
  completeSignIn,
  newSessionKeys,
  type PendingSignIn,
  type SessionKeys,
} from "../sign-in/begin-session.ts";
import { orNoteCountReversed } from "../passkeys/shown-passkey.ts";
import { countAttempt, countAttemptCodes, forgive, giveBack } from "../sign-in/counted-attempt.ts";
import { noticeDue, NoticeDue, prepareNotice } from "../sign-in/new-device.ts";
import { prepareRemembering, remember, type Remembering } from "./remembered-devices.ts";
import { readShown, useUp, useUpCodes, type FactorProof, type ShownFactor } from "./shown-factor.ts";
import { orNoteWrongCode } from "./wrong-codes.ts";

export const verifySecondFactorCodes = [
  ...countAttemptCodes,
  ...useUpCodes,
  "MFA_TOKEN_INVALID",
  "OVERLOADED",
] as const;
const refuse = refusing(verifySecondFactorCodes);

/** What a person shows after the first factor. */
export type SecondFactorProof = FactorProof & {
  readonly mfaToken: string;
  /** The refresh token of the session that the browser already has. */
  readonly replaces: string | undefined;
  /** Whether this device is to need no second factor for a time. */
  readonly remember: boolean;
  /** The token that the device sent. */
  readonly device: string | undefined;
};

/**
 * Completes a sign-in with its second factor. A try is counted before the code is looked at: for the `mfa_token`, and unless
 * it is a recovery code or a passkey, which cannot be guessed, also for the device if the account knows it, or else for all others. A
 * right code, and the token with it, are used up in the transaction that begins the session. After as many wrong codes in a
 * row as an account may have of wrong passwords, only those two are right.
 * @throws ApiError RATE_LIMITED during a delay, MFA_CODE_INVALID, MFA_TOKEN_INVALID, OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function verifySecondFactor(
  context: CallContext,
  proof: SecondFactorProof,
): Promise<IssuedTokens & { readonly rememberToken?: string }> {
  const { services, now } = context;
  const device = services.devices.recognise(proof.device);
  if (!device) throw refuse("MFA_TOKEN_INVALID", { about: { reason: "unknown device" } });
  // What a sign-in needs of others comes first: if they are away, no code is lost, and no try.
  const blank = { authentication: { at: now, methods: [] }, replaces: proof.replaces, device: proof.device };
  const prepared = await newSessionKeys(context, blank);
  const { challenge, factors, attempt } = await admit(context, { ...proof, device });
  const { accountId, provider, authenticatedAt } = challenge;
  // A mailed code is not worth a month.
  const isAsked = proof.remember && proof.method !== "email";
  const remembering = prepareRemembering(context, { accountId, deviceHash: device.hash, isAsked });
  const signedIn = await orNoteWrongCode(context, { accountId, challenge, attempt, method: proof.method }, async () => {
    const shown = await readShown(context, proof, { accountId, challenge, factors, isClosed: attempt.isClosed });
    if (!shown)
      throw refuse("MFA_CODE_INVALID", { about: { accountId, reason: attempt.isClosed ? closed : proof.method } });
    const methods = joined(challenge.methods as readonly AuthenticationMethod[], shown.methods);
    // As old as the first factor: a stale sign-in at a provider does not become a fresh one.
    const keys = { ...prepared, authentication: { at: authenticatedAt, methods }, provider };
    const work = { challenge, attempt, shown, remembering };
    const reversed = () => refuse("MFA_CODE_INVALID", { about: { accountId, reason: "the count runs backwards" } });
    return orNoteCountReversed(context, reversed, () =>
      signIn(context, { ...work, keys }).catch(async (error: unknown) => {
        if (!(error instanceof NoticeDue)) throw error;
        const notice = await prepareNotice(context, { mayLink: false });
        return signIn(context, { ...work, keys: { ...keys, notice } });
      }),
    );
  });
  // It ends no count: whoever reads the mail, too, could guess the codes of an app without end.
  if (proof.method === "email") await Promise.allSettled([giveBack(context, attempt)]);
  const tokens = await completeSignIn(context, signedIn);
  return remembering && signedIn.account.mfa_since !== null
    ? { ...tokens, rememberToken: remembering.token.text }
    : tokens;
}

const closed = "after too many failures";

interface Admitted {
  readonly challenge: Challenge;
  readonly factors: readonly TotpFactor[];
  readonly attempt: CountedAttempt;
}

async function admit(
  context: CallContext,
  { mfaToken: token, method, device }: { mfaToken: string; method: FactorProof["method"]; device: Device },
): Promise<Admitted> {
  const { services, now } = context;
  const attempted = { token, purpose: "sign_in", deviceHash: device.hash, tryId: newId(now) } as const;
  const tried = await services.transaction(context, (tx) => tx.mfa.challenges.countTry(attempted, now), {
    isRepeatable: true,
  });
  if (!tried) throw refuse("MFA_TOKEN_INVALID");
  if (method === "recovery" || method === "passkey") return { ...tried, attempt: uncounted };
  const claimant = {
    accountId: tried.challenge.accountId,
    knownDevice: tried.challenge.isDeviceKnown ? device.hash : undefined,
  };
  try {
    return { ...tried, attempt: await countAttempt(context, claimant) };
  } catch (error) {
    // Its code was not looked at.
    await services.mfa.challenges.giveBackTry(tried.challenge);
    throw error;
  }
}

interface Completion {
  readonly challenge: Challenge;
  readonly attempt: CountedAttempt;
  readonly shown: ShownFactor;
  readonly keys: SessionKeys;
  readonly remembering: Remembering | undefined;
}

function signIn(
  context: CallContext,
  { challenge, attempt, shown, keys, remembering }: Completion,
): Promise<PendingSignIn> {
  const { services, now } = context;
  const { accountId } = challenge;
  return services.transaction(
    context,
    async (tx) => {
      // An account without an app may show a mailed code, or a passkey, too.
      const account = await (shown.method === "email" || shown.method === "passkey"
        ? tx.accounts.recordStrongSignIn(accountId, now)
        : tx.accounts.recordMfaSignIn(accountId, now));
      // The account was deactivated, or its last factor removed.
      if (!account) throw refuse("MFA_TOKEN_INVALID", { about: { accountId } });
      const isOwnTrace =
        tx.audit.earlier.length > 0 && (await tx.sessions.findPrincipal(keys.sessionId, now)) !== undefined;
      if (isOwnTrace) return beginSession(context, tx, { account, ...keys });
      if (!(await tx.mfa.challenges.use(challenge, now))) throw refuse("MFA_TOKEN_INVALID", { about: { accountId } });
      await useUp(context, tx, { account, shown });
      if (challenge.provider !== undefined) await forgive(context, tx, account);
      if (shown.method === "recovery" || shown.method === "passkey")
        await tx.signInFailures.forgetSecondFactors(accountId);
      else if (shown.method !== "email") await tx.signInFailures.reset(attempt);
      const { notice } = await noticeDue(tx, { accountId, deviceHash: keys.device.hash, notice: keys.notice }, now);
      await tx.audit.append({ type: "mfa.succeeded", accountId, reason: shown.method });
      const { device, sessionId } = keys;
      await remember(context, tx, { account, deviceHash: device.hash, sessionId, remembering });
      return beginSession(context, tx, { account, ...keys, notice });
    },
    { isRepeatable: true },
  );
}
