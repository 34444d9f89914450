import { createMailSeal } from "../../shared/mail/outbox.ts";
import type { MailData, MailTemplate } from "../../shared/mail/message.ts";
import type { MailOutboxTable, Tables } from "../../shared/mail/tables.ts";
import type { Services } from "../../shared/services.ts";

/** A mail in the outbox, with its data opened. */
export interface PostedMail<T extends MailTemplate = MailTemplate> {
  readonly id: string;
  readonly template: T;
  readonly to: string | null;
  readonly locale: string;
  readonly data: MailData[T];
}

/** The mails that are in the outbox, oldest first: what would be sent if nothing sends them. */
export async function postedMails({ database, config }: Services): Promise<PostedMail[]> {
  const { secretKey, previousSecretKey } = config.service;
  const seal = createMailSeal(secretKey, previousSecretKey);
  const db = database.queries.withTables<Tables>();
  const rows = await db.selectFrom("mail_outbox").selectAll().execute();
  const order = (one: MailOutboxTable) => `${one.created_at.toISOString()} ${one.id.slice(-12)}`;
  return rows
    .toSorted((one, other) => (order(one) < order(other) ? -1 : 1))
    .flatMap(({ id, template, recipient, locale, sealed_data: sealed }) =>
      sealed === null
        ? []
        : [{ id, template, to: recipient, locale, data: JSON.parse(seal.open(id, sealed)) as PostedMail["data"] }],
    );
}

/** The latest mail of this template to an address. @throws Error if there is none */
export async function latestMail<T extends MailTemplate>(
  services: Services,
  template: T,
  to: string,
): Promise<PostedMail<T>> {
  const mails = await postedMails(services);
  const found = mails.findLast((mail) => mail.template === template && mail.to === to);
  if (!found) throw new Error(`no mail ${template} to ${to}; there are: ${mails.map((mail) => mail.template).join()}`);
  return found as PostedMail<T>;
}
