import * as z from "zod";
import type { MailboxEntry } from "../mail/mailbox-store.ts";
import { logoContentId } from "../mail/templates/logo.ts";
import type { Services } from "../services.ts";

/** A mail as the mailbox of development shows it. */
export const MailboxMessage = z.object({
  id: z.string(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  html: z.string(),
  locale: z.string(),
  status: z.enum(["waiting", "sent", "suppressed", "dead"]),
  created_at: z.string(),
});

export type MailboxMessage = z.output<typeof MailboxMessage>;

/** Renders a mail. Its logo becomes part of the HTML: here nothing else carries it. */
export function toMailboxMessage(
  { mail, status, createdAt }: MailboxEntry,
  { renderMail, config: { product } }: Pick<Services, "renderMail" | "config">,
): MailboxMessage {
  const { id, subject, text, html, locale } = renderMail(mail, createdAt);
  const logo = product.logo && `data:${product.logo.contentType};base64,${product.logo.bytes.toString("base64")}`;
  return {
    id,
    // As stored: whoever looks for it knows no A-labels.
    to: mail.to,
    subject,
    text,
    html: logo === undefined ? html : html.replace(`"cid:${logoContentId}"`, () => `"${logo}"`),
    locale,
    status,
    created_at: createdAt.toISOString(),
  };
}
