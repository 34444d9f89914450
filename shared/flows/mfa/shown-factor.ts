import type { Account } from "../../accounts/tables.ts";
import { refusing } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import type { Challenge } from "../../mfa/challenges.ts";
import { hashRecoveryCode } from "../../mfa/recovery-codes.ts";
import type { SecondFactor } from "../../mfa/store.ts";
import type { TotpFactor, TotpMatch } from "../../mfa/totp-queries.ts";
import { newId } from "../../platform/crypto/random.ts";
import type { AuthenticationMethod } from "../../sessions/authentication.ts";
import type { Transaction } from "../../stores.ts";
import { tellFactors } from "./notices.ts";

export const useUpCodes = ["MFA_CODE_INVALID"] as const;
const refuse = refusing(useUpCodes);

/** What a person sends to show a second factor. */
export interface FactorProof {
  readonly method: SecondFactor;
  /** As typed. */
  readonly code: string;
}

/** Whose factor is shown, and for what. */
export interface Showing {
  /** The account's authenticator apps. */
  readonly factors: readonly TotpFactor[];
  /** The challenge that is to be met; undefined in a session, which admits nothing that is bound to a challenge. */
  readonly challenge: Challenge | undefined;
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
  | { readonly method: "email"; readonly codeHash: Buffer; readonly tokenHash: Buffer }
);

/**
 * Judges what a person shows, before the transaction that uses it up. Changes nothing.
 * @returns undefined if it is wrong
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function readShown(
  context: CallContext,
  { method, code }: FactorProof,
  showing: Showing,
): Promise<ShownFactor | undefined> {
  return readers[method](context, code, showing);
}

type Reader = (context: CallContext, code: string, showing: Showing) => Promise<ShownFactor | undefined>;

const readers: Readonly<Record<SecondFactor, Reader>> = {
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
 * @throws Refusal MFA_CODE_INVALID if it was used before: what it was shown for is rolled back, and may be tried again
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
  { mfa }: Transaction,
  { accountId, shown }: { accountId: string; shown: ShownFactor },
  now: Date,
): Promise<boolean> {
  if (shown.method === "totp") return mfa.totp.use(shown.match, now);
  if (shown.method === "email") return mfa.emailCodes.use(shown);
  return mfa.recoveryCodes.use({ accountId, codeHash: shown.codeHash }, now);
}
