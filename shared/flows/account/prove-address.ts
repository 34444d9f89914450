import { sessionsEnded } from "../../audit/audit.ts";
import type { AddressProof } from "../../accounts/address-queries.ts";
import { normaliseEmail } from "../../accounts/email.ts";
import type { Transaction } from "../../stores.ts";
import { endMfa } from "../mfa/authenticators.ts";
import { RaceLost } from "../race-lost.ts";

/**
 * Ends whatever else waits for this address to be proven: it has an owner now. Mail to it that came back may go there
 * again. Call it in the transaction that proves the address. Travels with the next statement.
 */
export async function endOtherClaims(tx: Transaction, email: string): Promise<void> {
  await tx.accounts.endRegistrations(email);
  const emailNormalised = normaliseEmail(email);
  await tx.oneTimeTokens.endForAddress({ purpose: "verify_email", emailNormalised });
  await tx.suppressions.remove(emailNormalised);
}

/**
 * Gives an account with an unproven address to the person who has proven it, and removes what its creator may have left
 * on it: password, second factors, passkeys, identities, sessions, devices, links in mails.
 * @param provider the provider that proved the address; undefined for a mail
 * @returns the providers of the identities that it had
 * @throws RaceLost if the account is inactive, or its address was proven or changed in the meantime
 */
export async function takeOver(
  tx: Transaction,
  { provider, ...proof }: AddressProof & { readonly provider?: string },
  now: Date,
): Promise<string[]> {
  const { accountId, email } = proof;
  if (!(await tx.accounts.proveAddress(proof, now))) throw new RaceLost();
  await endOtherClaims(tx, email);
  return removeEarlierMethods(tx, { accountId, provider }, now);
}

/**
 * Removes the second factors, passkeys, identities, sessions, devices and links of whoever had the account before its address was proven.
 * @returns the providers of the identities
 */
export async function removeEarlierMethods(
  tx: Transaction,
  { accountId, provider }: { accountId: string; provider: string | undefined },
  now: Date,
): Promise<string[]> {
  await tx.oneTimeTokens.endAll(accountId);
  await tx.accounts.forgetDevices(accountId);
  await endMfa(tx, accountId);
  await tx.passkeys.removeAll(accountId);
  const identities = await tx.identities.removeAll(accountId);
  const sessions = await tx.sessions.endAll({ accountId, reason: "address_proven" }, now);
  const reason = "address proven";
  await tx.audit.append(
    { type: "account.address_proven", reason: "earlier sign-in methods removed", accountId, provider },
    ...sessionsEnded(sessions, { accountId, provider, reason }),
    ...identities.map((removed) => ({ type: "identity.unlinked", reason, accountId, provider: removed }) as const),
  );
  return identities;
}
