import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import type { Device } from "../../devices/devices.ts";
import type { Challenge } from "../../mfa/challenges.ts";
import { hashRecoveryCode } from "../../mfa/recovery-codes.ts";
import type { SecondFactor } from "../../mfa/store.ts";
import type { TotpFactor, TotpMatch } from "../../mfa/totp-queries.ts";
import { newId } from "../../platform/crypto/random.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import { joined, type AuthenticationMethod } from "../../sessions/authentication.ts";
import type { IssuedTokens } from "../../sessions/issued-tokens.ts";
import { uncounted, type CountedAttempt } from "../../sign-in-failures/store.ts";
import type { Transaction } from "../../stores.ts";
import {
  beginSession,
  completeSignIn,
  newSessionKeys,
  type PendingSignIn,
  type SessionKeys,
} from "../sign-in/begin-session.ts";
import { countAttempt, countAttemptCodes, forgive, giveBack } from "../sign-in/counted-attempt.ts";
import { noticeDue, NoticeDue, prepareNotice } from "../sign-in/new-device.ts";
import { tellFactors } from "./notices.ts";
import { prepareRemembering, remember, type Remembering } from "./remembered-devices.ts";
import { noteWrongCode } from "./wrong-codes.ts";

export const verifySecondFactorCodes = [
  ...countAttemptCodes,
  "MFA_CODE_INVALID",
  "MFA_TOKEN_INVALID",
  "OVERLOADED",
] as const;
const refuse = refusing(verifySecondFactorCodes);

/** What a person shows after the first factor. */
export interface SecondFactorProof {
  readonly mfaToken: string;
  readonly method: SecondFactor;
  /** As typed. */
  readonly code: string;
  /** The refresh token of the session that the browser already has. */
  readonly replaces: string | undefined;
  /** Whether this device is to need no second factor for a time. */
  readonly remember: boolean;
  /** The token that the device sent. */
  readonly device: string | undefined;
}

/**
 * Completes a sign-in with its second factor. A try is counted before the code is looked at: for the `mfa_token`, and unless
 * it is a recovery code, which cannot be guessed, also for the device if the account knows it, or else for all others. A
 * right code, and the token with it, are used up in the transaction that begins the session. After as many wrong codes in a
 * row as an account may have of wrong passwords, only a recovery code is right.
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
  const mailId = newId(now);
  const { challenge, factors, attempt } = await admit(context, { ...proof, device });
  const { accountId, provider, authenticatedAt } = challenge;
  const remembering = prepareRemembering(context, { accountId, deviceHash: device.hash, isAsked: proof.remember });
  const signedIn = await orTakeBack(context, { challenge, attempt, method: proof.method }, async () => {
    const shown = readCode(context, proof, { factors, isClosed: attempt.isClosed });
    if (!shown)
      throw refuse("MFA_CODE_INVALID", { about: { accountId, reason: attempt.isClosed ? closed : proof.method } });
    const methods = joined(challenge.methods as readonly AuthenticationMethod[], methodsOf[proof.method]);
    // As old as the first factor: a stale sign-in at a provider does not become a fresh one.
    const keys = { ...prepared, authentication: { at: authenticatedAt, methods }, provider };
    if ("recovery" in shown) await services.mail.announce([mailId]);
    const work = { challenge, attempt, shown, mailId, remembering };
    return signIn(context, { ...work, keys }).catch(async (error: unknown) => {
      if (!(error instanceof NoticeDue)) throw error;
      const notice = await prepareNotice(context, { mayLink: false });
      return signIn(context, { ...work, keys: { ...keys, notice } });
    });
  });
  const tokens = await completeSignIn(context, signedIn);
  return remembering ? { ...tokens, rememberToken: remembering.token.text } : tokens;
}

const closed = "after too many failures";

/** RFC 8176 has no value for a recovery code: `mfa` alone tells of it. */
const methodsOf = { totp: ["otp", "mfa"], recovery: ["mfa"] } as const satisfies Record<
  SecondFactor,
  readonly AuthenticationMethod[]
>;

interface Admitted {
  readonly challenge: Challenge;
  readonly factors: readonly TotpFactor[];
  readonly attempt: CountedAttempt;
}

async function admit(
  context: CallContext,
  { mfaToken: token, method, device }: { mfaToken: string; method: SecondFactor; device: Device },
): Promise<Admitted> {
  const { services, now } = context;
  const attempted = { token, purpose: "sign_in", deviceHash: device.hash, tryId: newId(now) } as const;
  const tried = await services.transaction(context, (tx) => tx.mfa.challenges.countTry(attempted, now), {
    isRepeatable: true,
  });
  if (!tried) throw refuse("MFA_TOKEN_INVALID");
  if (method === "recovery") return { ...tried, attempt: uncounted };
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

/** Does what a try is for. A wrong code is told to the owner; after any other failure the try counts nowhere. */
async function orTakeBack<T>(
  context: CallContext,
  { challenge, attempt, method }: { challenge: Challenge; attempt: CountedAttempt; method: SecondFactor },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ApiError && wrong.has(error.code))
      await noteWrongCode(context, { accountId: challenge.accountId, attempt, method });
    else {
      // What cannot be given back stays counted, and the caller hears of the first failure.
      await Promise.allSettled([context.services.mfa.challenges.giveBackTry(challenge), giveBack(context, attempt)]);
    }
    throw error;
  }
}

const wrong: ReadonlySet<string> = new Set(["MFA_CODE_INVALID", "MFA_TOKEN_INVALID"]);

/** A code that may be right: an app shows it, or it has the form of a recovery code. */
type ShownCode = { readonly totp: TotpMatch } | { readonly recovery: Buffer };

function readCode(
  { services, now }: CallContext,
  { method, code }: SecondFactorProof,
  { factors, isClosed }: { factors: readonly TotpFactor[]; isClosed: boolean },
): ShownCode | undefined {
  if (method === "recovery") {
    const recovery = hashRecoveryCode(code);
    return recovery && { recovery };
  }
  const totp = services.mfa.totp.match(factors, code, now);
  return totp && !isClosed ? { totp } : undefined;
}

interface Completion {
  readonly challenge: Challenge;
  readonly attempt: CountedAttempt;
  readonly shown: ShownCode;
  readonly keys: SessionKeys;
  readonly mailId: string;
  readonly remembering: Remembering | undefined;
}

function signIn(
  context: CallContext,
  { challenge, attempt, shown, keys, mailId, remembering }: Completion,
): Promise<PendingSignIn> {
  const { services, now } = context;
  const { accountId } = challenge;
  return services.transaction(
    context,
    async (tx) => {
      const account = await tx.accounts.recordMfaSignIn(accountId, now);
      // The account was deactivated, or its last factor removed.
      if (!account) throw refuse("MFA_TOKEN_INVALID", { about: { accountId } });
      const isOwnTrace =
        tx.audit.earlier.length > 0 && (await tx.sessions.findPrincipal(keys.sessionId, now)) !== undefined;
      if (isOwnTrace) return beginSession(context, tx, { account, ...keys });
      if (!(await tx.mfa.challenges.use(challenge, now))) throw refuse("MFA_TOKEN_INVALID", { about: { accountId } });
      await useUp(tx, { accountId, shown }, now);
      if (challenge.provider !== undefined) await forgive(context, tx, account);
      if ("recovery" in shown) await tx.signInFailures.forgetSecondFactors(accountId);
      else await tx.signInFailures.reset(attempt);
      const { notice } = await noticeDue(tx, { accountId, deviceHash: keys.device.hash, notice: keys.notice }, now);
      if ("recovery" in shown) {
        const left = await tx.mfa.recoveryCodes.countLeft(accountId);
        await tellFactors(context, tx, { account, id: mailId, template: "recovery_code_used", data: { left } });
        await tx.audit.append({ type: "recovery_code.used", accountId, count: left });
      }
      await tx.audit.append({ type: "mfa.succeeded", accountId, reason: "totp" in shown ? "totp" : "recovery" });
      const { device, sessionId } = keys;
      await remember(context, tx, { account, deviceHash: device.hash, sessionId, remembering });
      return beginSession(context, tx, { account, ...keys, notice });
    },
    { isRepeatable: true },
  );
}

/** @throws Refusal MFA_CODE_INVALID if the code was used before: the token then stays good, because all is rolled back */
async function useUp(
  tx: Transaction,
  { accountId, shown }: { accountId: string; shown: ShownCode },
  now: Date,
): Promise<void> {
  const isUsed =
    "totp" in shown
      ? await tx.mfa.totp.use(shown.totp, now)
      : await tx.mfa.recoveryCodes.use({ accountId, codeHash: shown.recovery }, now);
  if (!isUsed) throw refuse("MFA_CODE_INVALID", { about: { accountId, reason: "unknown, or used before" } });
}
