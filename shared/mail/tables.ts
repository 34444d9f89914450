import type { Kysely } from "kysely";
import type { Locale } from "../platform/locale.ts";
import type { MailTemplate } from "./message.ts";

/**
 * - `waiting`: to be sent, or to be tried again.
 * - `sent`: the provider has taken it.
 * - `suppressed`: mail to this address came back for good.
 * - `dead`: refused for good, or not taken within a day of attempts.
 */
export type MailStatus = "waiting" | "sent" | "suppressed" | "dead";

/** A row of `mail_outbox`. */
export interface MailOutboxTable {
  id: string;
  user_id: string | null;
  template: MailTemplate;
  /** Null for a mail to nobody, which is removed when it would have been sent. */
  recipient: string | null;
  locale: Locale;
  /** The template's data as sealed JSON; null once the mail is sent. */
  sealed_data: Buffer | null;
  status: MailStatus;
  /** How often sending was tried. */
  attempts: number;
  /** When to try next. */
  due_at: Date;
  /** Its place in the provider's quota, if it waits for that. */
  slot_at: Date | null;
  /** Who is sending it. */
  claim_id: string | null;
  /** Until then, nobody else sends it. */
  claimed_until: Date | null;
  created_at: Date;
  sent_at: Date | null;
  /** Why the last attempt failed; never with the recipient's address or the mail's data. */
  failure: string | null;
}

/** A row of `mail_quota`, one for each lane; instants in milliseconds since 1970, which SQL Server's driver gives as text. */
export interface MailQuotaTable {
  id: number;
  minute_at: number | string;
  hour_at: number | string;
  slot_at: number | string;
}

/** A row of `mail_suppressions`. */
export interface MailSuppressionsTable {
  /** Normalised. */
  address: string;
  /** What the provider called it. */
  reason: string;
  reported_at: Date;
}

/** The tables that this folder may query. */
export type Tables = {
  mail_outbox: MailOutboxTable;
  mail_quota: MailQuotaTable;
  mail_suppressions: MailSuppressionsTable;
};

export type MailQueries = Kysely<Tables>;
