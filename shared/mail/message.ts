import type { Locale } from "../platform/locale.ts";

/**
 * What each mail says besides the recipient's address, by the mail's template. Tokens and codes are in clear here: the
 * data is sealed in the database. Instants are ISO 8601.
 */
export interface MailData {
  /** To an address that registered: a link and a code of six digits. */
  readonly verify_email: { readonly username: string; readonly token: string; readonly code: string };
  /** To a proven address that someone tried to register again. */
  readonly already_registered: { readonly username: string };
  readonly reset_password: { readonly username: string; readonly token: string };
  /** After a sign-in with a password that is known from a breach by now. */
  readonly password_compromised: { readonly username: string; readonly token: string };
  /** After a change or a reset; `isReset` tells that every session has ended. */
  readonly password_changed: { readonly username: string; readonly isReset: boolean };
  /** To the new address, before the change takes effect. */
  readonly confirm_email: { readonly username: string; readonly token: string };
  /** To the old address, at the request: no link. */
  readonly email_change_requested: { readonly username: string; readonly newEmail: string };
  /** To the old address, at the confirmation: a link that undoes the change. */
  readonly email_changed: {
    readonly username: string;
    readonly newEmail: string;
    readonly token: string;
    readonly undoUntil: string;
  };
  /** To the address that the account loses, because it has an earlier one again: no link. */
  readonly email_change_undone: { readonly username: string };
  /** A sign-in from a device that is new to the account; the token's link resets the password. */
  readonly new_device: {
    readonly username: string;
    readonly device: string;
    readonly address: string;
    readonly at: string;
    readonly token: string;
  };
  /** Many wrong passwords on unknown devices: no link, since anyone can cause the mail. */
  readonly sign_in_attempts: { readonly username: string };
  /** A stolen refresh token was used: its session has ended. */
  readonly session_reused: { readonly username: string; readonly device: string; readonly at: string };
  readonly identity_linked: { readonly username: string; readonly provider: string };
  readonly identity_unlinked: { readonly username: string; readonly provider: string };
  /** An authenticator app; `name` is what its owner calls it, or empty. */
  readonly factor_added: { readonly username: string; readonly name: string };
  /** `isLast` tells that signing in takes no second factor any more. */
  readonly factor_removed: { readonly username: string; readonly name: string; readonly isLast: boolean };
  /** `name` is what its owner calls it, or empty. */
  readonly passkey_added: { readonly username: string; readonly name: string };
  readonly passkey_removed: { readonly username: string; readonly name: string };
  readonly recovery_codes_made: { readonly username: string };
  /** `left` is how many remain. */
  readonly recovery_code_used: { readonly username: string; readonly left: number };
  /** Wrong codes after a right first factor: somebody knows the password. */
  readonly second_factor_attempts: { readonly username: string };
  /** After a right first factor: a code of six digits completes the sign-in. */
  readonly sign_in_code: { readonly username: string; readonly code: string };
  /** `erasedAt` is when the account will be erased. */
  readonly deletion_requested: { readonly username: string; readonly erasedAt: string };
  readonly deletion_cancelled: { readonly username: string };
}

export type MailTemplate = keyof MailData;

/** A mail to post. The caller chooses a random id outside the transaction, so that a repeated run posts it once. */
export type OutgoingMail = {
  readonly [T in MailTemplate]: {
    readonly id: string;
    readonly template: T;
    /** The stored address, never the one that was typed. Null for a mail to nobody, which is dropped when it would have been sent. */
    readonly to: string | null;
    /** The account that the mail is about; null if there is none yet. */
    readonly accountId: string | null;
    readonly locale: Locale;
    readonly data: MailData[T];
  };
}[MailTemplate];
