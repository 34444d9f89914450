import * as z from "zod";
import { mailboxPage } from "../../shared/api/mailbox-page.ts";
import { MailboxMessage, toMailboxMessage } from "../../shared/api/mailbox-message.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsWhatIsPublic } from "../../shared/http/leaves-nothing.ts";
import { envelopeOrPage } from "../../shared/http/formats/page.ts";

const reply = z.object({ messages: z.array(MailboxMessage) });

export const devMailbox = endpoint({
  name: "dev-mailbox",
  method: "GET",
  route: "dev/mailbox",
  summary: "Mails that would have been sent (development only)",
  description: "The newest 100 mails, newest first. With `MAIL_PROVIDER=mailbox`, the default of development.",
  access: "public",
  offered: ({ runtime, mail }) => runtime.isDevelopment && mail.provider.kind === "mailbox",
  ...readsWhatIsPublic,
  format: envelopeOrPage(mailboxPage),
  reply,
  async handle({ context: { services } }) {
    const entries = await services.mailbox.newest();
    return { data: { messages: entries.map((entry) => toMailboxMessage(entry, services)) } };
  },
});
