import type { Account } from "../../accounts/tables.ts";
import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import type { Challenge } from "../../mfa/challenges.ts";
import { hashRecoveryCode } from "../../mfa/recovery-codes.ts";
import type { CodeFactor } from "../../mfa/store.ts";
import type { TotpFactor, TotpMatch } from "../../mfa/totp-queries.ts";
import { PasskeyFault, type ShownCredential } from "../../passkeys/credential.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { AuthenticationMethod } from "../../sessions/authentication.ts";
import type { Transaction } from "../../stores.ts";
import { forSession, forSignIn, mayFollow } from "../passkeys/factor-options.ts";
import { useUpPasskey, verifyPasskey, type ShownPasskey } from "../passkeys/shown-passkey.ts";
import { tellFactors } from "./notices.ts";

export const useUpCodes = ["MFA_CODE_INVALID"] as const;
const refuse = refusing(useUpCodes);

/** What a person sends to show a second factor: a code as typed, or what a passkey has signed. */
export type FactorProof =
  | { readonly method: CodeFactor; readonly code: string }
  | { readonly method: "passkey"; readonly credential: ShownCredential | undefined };

/** Whose factor is shown, and for what. */
export interface Showing {
  readonly accountId: string;
  /** The account's authenticator apps. */
  readonly factors: readonly TotpFactor[];
  /** The challenge that is to be met; undefined in a session, which admits nothing that is bound to a challenge. */
  readonly challenge: Challenge | undefined;
  /** The session that shows it, and what it has shown before; undefined before there is one. */
  readonly session?: { readonly id: string; readonly methods: readonly string[] };
  /** Whether what can be guessed was tried too often: then it is not right any more. */
  readonly isClosed: boolean;
}

/** A factor that may be right, and is to be used up. */
export type ShownFactor = {
  /** The values of RFC 8176 that it adds; the standard has none for a recovery code, of which `mfa` alone tells. */
  readonly methods: readonly AuthenticationMethod[];
} & (
  | { readonly method: "totp"; readonly match: TotpMatch }
  | { readonly method: "recovery"; readonly codeHash: Buffer; readonly mailId: string }
  | {
      readonly method: "passkey";
      readonly passkey: ShownPasskey;
      readonly isVouchedFor: boolean;
      readonly callId: string;
    }
  | { readonly method: "email"; readonly codeHash: Buffer; readonly tokenHash: Buffer }
);

/**
 * Judges what a person shows, before the transaction that uses it up. Changes nothing.
 * @returns undefined if it is wrong
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function readShown(
  context: CallContext,
  proof: FactorProof,
  showing: Showing,
): Promise<ShownFactor | undefined> {
  if (proof.method === "passkey") return readPasskey(context, proof.credential, showing);
  return readers[proof.method](context, proof.code, showing);
}

/** It cannot be guessed, so one opens a closed account. */
async function readPasskey(
  context: CallContext,
  credential: ShownCredential | undefined,
  { accountId, challenge, session }: Showing,
): Promise<ShownFactor | undefined> {
  const use = challenge ? forSignIn(challenge) : session && forSession(session.id);
  if (!credential || !use) return undefined;
  const passkey = await verifyPasskey(context, { credential, use }).catch((error: unknown) => {
    if (error instanceof PasskeyFault) return undefined;
    throw error;
  });
  if (passkey?.passkey.accountId !== accountId) return undefined;
  const before = challenge?.methods ?? session?.methods ?? [];
  // In a session, which may have shown the same key before, one that verifies nobody is second to a password alone.
  const isSecond = passkey.isTwoFactors || (mayFollow(before) && (challenge !== undefined || before.includes("pwd")));
  // A passkey after a passkey completes no sign-in. In a session it is the first factor again, which takes no second one along.
  if (!isSecond && (challenge || before.includes("mfa"))) return undefined;
  const methods = isSecond ? (["pop", "user", "mfa"] as const) : (["pop", "user"] as const);
  // The first factor of a sign-in, just shown, vouches for what this one has verified. What a session has shown once does not:
  // who finds a key without a PIN could give it one of their own.
  const isVouchedFor = passkey.isUserVerified && challenge !== undefined && mayFollow(before);
  return { method: "passkey", passkey, isVouchedFor, callId: newId(context.now), methods };
}

type Reader = (context: CallContext, code: string, showing: Showing) => Promise<ShownFactor | undefined>;

const readers: Readonly<Record<CodeFactor, Reader>> = {
  async totp({ services, now }, code, { factors, isClosed }) {
    const match = services.mfa.totp.match(factors, code, now);
    return match && !isClosed ? { method: "totp", match, methods: ["otp", "mfa"] } : undefined;
  },

  // It cannot be guessed, so it opens a closed account. Whether the account has it says the update that uses it up.
  async recovery({ services, now }, code) {
    const codeHash = hashRecoveryCode(code);
    if (!codeHash) return undefined;
    const mailId = newId(now);
    await services.mail.announce([mailId]);
    return { method: "recovery", codeHash, mailId, methods: ["mfa"] };
  },

  async email({ services }, code, { challenge, isClosed }) {
    if (!challenge || !services.config.mfa.isEmailOn) return undefined;
    const { tokenHash } = challenge;
    const codeHash = services.mfa.emailCodes.match(challenge, code);
    return codeHash && !isClosed ? { method: "email", codeHash, tokenHash, methods: ["mca"] } : undefined;
  },
};

/**
 * Uses up what was shown, by one conditional update, in the transaction of what it is shown for; tells the owner of a recovery
 * code that was used, and how many are left.
 * @throws Refusal MFA_CODE_INVALID if it was used before: what it was shown for is rolled back, and may be tried again;
 * CountReversed
 */
export async function useUp(
  context: CallContext,
  tx: Transaction,
  { account, shown }: { account: Pick<Account, "id" | "email" | "username" | "locale">; shown: ShownFactor },
): Promise<void> {
  const { id: accountId } = account;
  if (!(await isUsed(tx, { accountId, shown }, context.now)))
    throw refuse("MFA_CODE_INVALID", { about: { accountId, reason: "unknown, or used before" } });
  if (shown.method === "recovery") {
    const left = await tx.mfa.recoveryCodes.countLeft(accountId);
    await tellFactors(context, tx, { account, id: shown.mailId, template: "recovery_code_used", data: { left } });
    await tx.audit.append({ type: "recovery_code.used", accountId, count: left });
  }
}

function isUsed(
  tx: Transaction,
  { accountId, shown }: { accountId: string; shown: ShownFactor },
  now: Date,
): Promise<boolean> {
  const { mfa } = tx;
  if (shown.method === "passkey") {
    const isTwoFactors = shown.passkey.isTwoFactors || shown.isVouchedFor;
    return useUpPasskey(tx, { ...shown.passkey, isTwoFactors }, { by: shown.callId, now });
  }
  if (shown.method === "totp") return mfa.totp.use(shown.match, now);
  if (shown.method === "email") return mfa.emailCodes.use(shown);
  return mfa.recoveryCodes.use({ accountId, codeHash: shown.codeHash }, now);
}
