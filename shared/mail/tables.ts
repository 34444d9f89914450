import type { Kysely } from "kysely";
import type { Locale } from "../platform/locale.ts";
import type { MailTemplate } from "./message.ts";

/** `waiting` to be sent, or to be tried again; `sent`; `dead` after a refusal for good or a day of attempts. */
export type MailStatus = "waiting" | "sent" | "dead";

/** A row of `mail_outbox`. */
export interface MailOutboxTable {
  id: string;
  user_id: string | null;
  template: MailTemplate;
  /** Null for a mail to nobody. */
  recipient: string | null;
  locale: Locale;
  /** The template's data as sealed JSON; null once the mail is sent. */
  sealed_data: Buffer | null;
  status: MailStatus;
  /** How often sending was tried. */
  attempts: number;
  /** When to try next. */
  due_at: Date;
  /** Until then, one worker is sending it. */
  claimed_until: Date | null;
  created_at: Date;
  sent_at: Date | null;
  /** Why the last attempt failed; never with the recipient's address or the mail's data. */
  failure: string | null;
}

/** The table that this folder may query. */
export type OutboxQueries = Kysely<{ mail_outbox: MailOutboxTable }>;
