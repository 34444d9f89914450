import type { MailProvider, RenderedMail, SendOutcome } from "../../shared/mail/provider.ts";
import type { OutgoingMail } from "../../shared/mail/message.ts";
import type { MailOutboxTable, Tables } from "../../shared/mail/tables.ts";
import { newId } from "../../shared/platform/crypto/random.ts";
import type { Services } from "../../shared/services.ts";
import { contextOf } from "./context.ts";

/** A provider that answers as a test says, and remembers what it was given. */
export interface ScriptedProvider extends MailProvider {
  readonly given: RenderedMail[];
  /** The mails that went nowhere when they would have been sent. */
  readonly rehearsed: string[];
  /** What each mail is answered with, and each that goes nowhere. `sent` unless set. */
  answer: SendOutcome | ((mail: Pick<RenderedMail, "id">) => SendOutcome | Promise<SendOutcome>);
}

export function scriptedProvider(): ScriptedProvider {
  const answer = async (mail: Pick<RenderedMail, "id">) =>
    typeof provider.answer === "function" ? provider.answer(mail) : provider.answer;
  const provider: ScriptedProvider = {
    keepsData: false,
    given: [],
    rehearsed: [],
    answer: { kind: "sent" },
    send: (mail) => (provider.given.push(mail), answer(mail)),
    rehearse: (id) => (provider.rehearsed.push(id), answer({ id })),
  };
  return provider;
}

/** Posts a mail that resets a password. @returns its id */
export async function postMail(services: Services, to: string | null = "ada@example.com"): Promise<string> {
  const now = services.clock.now();
  const data = { username: "Ada", token: "a-canary-token" };
  const mail: OutgoingMail = { id: newId(now), template: "reset_password", to, accountId: null, locale: "en", data };
  await services.transaction(contextOf(services), (tx) => tx.mail.post(mail, now));
  return mail.id;
}

/** Posts a mail that tells of a changed password. @returns its id */
export async function postNotice(services: Services): Promise<string> {
  const now = services.clock.now();
  const data = { username: "Ada", isReset: false };
  const to = { to: "ada@example.com", accountId: null, locale: "en" } as const;
  const mail: OutgoingMail = { id: newId(now), template: "password_changed", ...to, data };
  await services.transaction(contextOf(services), (tx) => tx.mail.post(mail, now));
  return mail.id;
}

/** The row of a mail. */
export function rowOf(services: Services, id: string): Promise<MailOutboxTable> {
  const db = services.database.queries.withTables<Tables>();
  return db.selectFrom("mail_outbox").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
}
