import type { Locale } from "../platform/locale.ts";

/** A mail as it is sent: one recipient, text and HTML. */
export interface RenderedMail {
  /** The row's id. The same in each attempt, so that a provider, or a reader, knows the mail again. */
  readonly id: string;
  /** The recipient's address, with its domain in A-labels. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly locale: Locale;
  /** The instant of this attempt. */
  readonly date: Date;
}

/** Sends mail, or at least hands it to a server that will. */
export interface MailProvider {
  /** Whether sent mails stay readable in the outbox: there is no other place to see them. */
  readonly keepsData: boolean;
  /** Sends one mail within `sendLimitSeconds`, and leaves no connection behind. Never rejects. */
  send(mail: RenderedMail): Promise<SendOutcome>;
  /**
   * Goes as far as `send` does before it hands a mail over: whether the provider can be reached and lets us in. For mails
   * that go nowhere, which wait as long as others do. Never rejects. @param id the row's
   */
  rehearse(id: string): Promise<SendOutcome>;
}

/**
 * How sending ended. `why` is a sentence for operators, at most 400 UTF-16 code units long, without the recipient's address and
 * without anything that the mail says.
 * - `sent`: the server has taken responsibility for the mail (RFC 5321, section 4.2.5).
 * - `again`: it may succeed later, after a fault of the network, of the server or of our settings.
 * - `held_back`: the quota is used up. The attempt does not count; the next one makes sense after `retryAfterSeconds`.
 * - `refused`: this mail will never be taken (5xx).
 */
export type SendOutcome =
  | { readonly kind: "sent" }
  | { readonly kind: "again"; readonly why: string }
  | { readonly kind: "held_back"; readonly why: string; readonly retryAfterSeconds: number }
  | { readonly kind: "refused"; readonly why: string };

/** The longest that one attempt may take, everything included. A claim on a row must last longer. */
export const sendLimitSeconds = 60;
