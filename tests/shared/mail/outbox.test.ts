import { describe, expect, test } from "vitest";
import type { OutgoingMail } from "../../../shared/mail/message.ts";
import type { Tables } from "../../../shared/mail/tables.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { contextOf } from "../../support/context.ts";
import { postedMails } from "../../support/mails.ts";
import { createTestServices } from "../../support/service.ts";

const { services } = await createTestServices();

const mailTo = (to: string | null): OutgoingMail => ({
  id: newId(services.clock.now()),
  template: "reset_password",
  to,
  accountId: null,
  locale: "de",
  data: { username: "Ada", token: "a-canary-token" },
});

const post = (...mails: OutgoingMail[]) =>
  services.transaction(contextOf(services), async (tx) => {
    for (const mail of mails) await tx.mail.post(mail, services.clock.now());
  });
const idsPosted = async () => (await postedMails(services)).map(({ id }) => id);

describe("a mail that a transaction posts", () => {
  test("is there after the commit, with what was posted", async () => {
    const mail = mailTo("ada@example.com");
    await post(mail);
    const { id, template, to, locale, data } = mail;
    expect(await postedMails(services)).toContainEqual({ id, template, to, locale, data });
  });

  test("is there once, although the transaction ran twice", async () => {
    const mail = mailTo(null);
    await post(mail);
    await post(mail, mail);
    expect((await idsPosted()).filter((id) => id === mail.id)).toHaveLength(1);
  });

  test("is not there if the transaction rolls back", async () => {
    const mail = mailTo("eve@example.com");
    const failing = services.transaction(contextOf(services), async (tx) => {
      await tx.mail.post(mail, services.clock.now());
      throw new Error("changed its mind");
    });
    await expect(failing).rejects.toThrow("changed its mind");
    expect(await idsPosted()).not.toContain(mail.id);
  });

  test("shows nothing of its data to who reads the table, and opens under its own id only", async () => {
    await post(mailTo("ada@example.com"));
    const db = services.database.queries.withTables<Tables>();
    const rows = await db.selectFrom("mail_outbox").selectAll().execute();
    expect(JSON.stringify(rows)).not.toContain("a-canary-token");
    const [one, other] = rows;
    await db
      .updateTable("mail_outbox")
      .set({ sealed_data: one?.sealed_data ?? null })
      .where("id", "=", other?.id ?? "")
      .execute();
    await expect(postedMails(services)).rejects.toThrow();
  });
});
