import type { MailData, MailTemplate, OutgoingMail } from "../../shared/mail/message.ts";
import type { StoredMail } from "../../shared/mail/render.ts";
import type { Locale } from "../../shared/platform/locale.ts";

/** Stand for secrets: a snapshot may show these, and nothing of the shape of a real one. */
const token = "TOKEN";
const code = "CODE";

/** What each mail may say. */
export const sampleData: MailData = {
  verify_email: { username: "Ada", token, code },
  already_registered: { username: "Ada" },
  reset_password: { username: "Ada", token },
  password_compromised: { username: "Ada", token },
  password_changed: { username: "Ada", isReset: false },
  confirm_email: { username: "Ada", token },
  email_change_requested: { username: "Ada", newEmail: "ada@new.example" },
  email_changed: { username: "Ada", newEmail: "ada@new.example", token, undoUntil: "2026-01-22T12:00:00.000Z" },
  email_change_undone: { username: "Ada" },
  new_device: {
    username: "Ada",
    device: "Firefox on Windows",
    address: "203.0.113.7",
    at: "2026-01-15T12:00:00.000Z",
    token,
  },
  sign_in_attempts: { username: "Ada" },
  session_reused: { username: "Ada", device: "Safari on iOS", at: "2026-01-15T12:00:00.000Z" },
  identity_linked: { username: "Ada", provider: "GitHub" },
  identity_unlinked: { username: "Ada", provider: "GitHub" },
  factor_added: { username: "Ada", name: "Phone" },
  passkey_added: { username: "Ada", name: "Phone" },
  passkey_removed: { username: "Ada", name: "Phone" },
  factor_removed: { username: "Ada", name: "Phone", isLast: true },
  recovery_codes_made: { username: "Ada" },
  recovery_code_used: { username: "Ada", left: 2 },
  second_factor_attempts: { username: "Ada" },
  sign_in_code: { username: "Ada", code: "012345" },
  deletion_requested: { username: "Ada", erasedAt: "2026-02-14T12:00:00.000Z" },
  deletion_cancelled: { username: "Ada" },
};

export const mailTemplates = Object.keys(sampleData) as readonly MailTemplate[];

export interface SampleOptions {
  readonly id?: string;
  readonly to?: string;
  readonly locale?: Locale;
  /** Members that differ from the sample's. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** A mail to send. */
export function sampleMail(template: MailTemplate, options: SampleOptions = {}): StoredMail {
  const { id = "0198f0a2-0000-8000-8000-000000000001", to = "ada@example.com", locale = "en", data = {} } = options;
  return { id, to, locale, template, data: { ...sampleData[template], ...data } } as StoredMail;
}

/** A mail to post. */
export function outgoingMail(template: MailTemplate, options: SampleOptions = {}): OutgoingMail {
  return { ...sampleMail(template, options), accountId: null };
}
