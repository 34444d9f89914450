import { refusing } from "../../audit/refusal.ts";
import type { Account } from "../../accounts/tables.ts";
import type { Transaction } from "../../stores.ts";

export const requireLiveSessionCodes = ["UNAUTHENTICATED"] as const;
const refuse = refusing(requireLiveSessionCodes);

/** A session and its account. */
export interface Owner {
  readonly accountId: string;
  readonly sessionId: string;
}

/**
 * Checks the session of a call again: it may have ended since the call began, and its owner's rights with it. Call it in
 * a transaction that has locked the account's row, as whatever ends all sessions of an account does: then either this
 * call sees that, or that ends what this call does.
 * @returns the session's account
 * @throws Refusal UNAUTHENTICATED
 */
export async function requireLiveSession(
  tx: Transaction,
  { accountId, sessionId }: Owner,
  now: Date,
): Promise<Account> {
  const principal = await tx.sessions.findPrincipal(sessionId, now);
  if (principal?.account.id !== accountId) throw refuse("UNAUTHENTICATED", { about: { accountId } });
  return principal.account;
}
