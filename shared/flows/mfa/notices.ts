import type { Account } from "../../accounts/tables.ts";
import type { CallContext } from "../../context.ts";
import type { MailData, OutgoingMail } from "../../mail/message.ts";
import { localeFor } from "../../platform/locale.ts";
import type { Transaction } from "../../stores.ts";

type FactorMail =
  | "factor_added"
  | "factor_removed"
  | "passkey_added"
  | "passkey_removed"
  | "recovery_codes_made"
  | "recovery_code_used"
  | "second_factor_attempts"
  | "sign_in_code";

interface FactorNotice<T extends FactorMail> {
  readonly account: Pick<Account, "id" | "email" | "username" | "locale">;
  /** Of the mail, made and announced outside the transaction. */
  readonly id: string;
  readonly template: T;
  readonly data: Omit<MailData[T], "username">;
}

/** Tells the owner of an account what has happened to its second factors (ASVS 6.3.7), if it has an address. */
export async function tellFactors<T extends FactorMail>(
  { now, locale }: Pick<CallContext, "now" | "locale">,
  tx: Pick<Transaction, "mail">,
  { account, id, template, data }: FactorNotice<T>,
): Promise<void> {
  const { id: accountId, email: to, username } = account;
  if (to === null) return;
  const mail = { id, template, to, accountId, locale: localeFor(account, locale), data: { username, ...data } };
  await tx.mail.post(mail as unknown as OutgoingMail, now);
}
