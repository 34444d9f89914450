import type { MailTemplate } from "../message.ts";

/**
 * The halves of the provider's quota, as rows of `mail_quota`. A flood of mails that anybody can ask for, to any address,
 * must not delay those that tell owners what happened to their account: some of their links are good for days only.
 */
export const lanes = { asked: 1, notice: 2 } as const;
export type Lane = keyof typeof lanes;

const declared: Readonly<Record<MailTemplate, Lane>> = {
  verify_email: "asked",
  already_registered: "asked",
  reset_password: "asked",
  confirm_email: "asked",
  sign_in_attempts: "asked",
  password_compromised: "notice",
  password_changed: "notice",
  email_change_requested: "notice",
  email_changed: "notice",
  email_change_undone: "notice",
  new_device: "notice",
  session_reused: "notice",
  identity_linked: "notice",
  identity_unlinked: "notice",
  factor_added: "notice",
  factor_removed: "notice",
  passkey_added: "notice",
  passkey_removed: "notice",
  recovery_codes_made: "notice",
  recovery_code_used: "notice",
  second_factor_attempts: "notice",
  // Asked for by who has shown the password, and of no use ten minutes later.
  sign_in_code: "notice",
  deletion_requested: "notice",
  deletion_cancelled: "notice",
};
const byTemplate = new Map<string, Lane>(Object.entries(declared));

/** The lane of a mail. One of a newer release, which this one cannot write, waits as a notice. */
export function laneOf(template: string): Lane {
  return byTemplate.get(template) ?? "notice";
}
