import { createSeal, type Seal } from "../platform/crypto/seal.ts";
import type { Queries } from "../platform/database/database.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { OutgoingMail } from "./message.ts";
import { createDeliveryQueries } from "./delivery/queries.ts";
import { createPersonalQueries } from "./personal-queries.ts";
import { createUpkeepQueries } from "./delivery/upkeep-queries.ts";
import type { MailOutboxTable, MailQueries, Tables } from "./tables.ts";

export type Outbox = ReturnType<typeof createOutbox>;

/** The queries on `mail_outbox`. @param seal from `createMailSeal` */
export function createOutbox(queries: Queries, seal: Seal) {
  const db = queries.withTables<Tables>();
  return {
    ...createDeliveryQueries(db),
    ...createUpkeepQueries(db),
    ...createPersonalQueries(db),

    /** Adds a mail, to be sent at once; not a second time if a row has its id. Travels with the next statement. */
    async add({ id, template, to, accountId, locale, data }: OutgoingMail, now: Date): Promise<void> {
      const sealedData = seal.close(id, JSON.stringify(data));
      await addOnce.later(db, { id, template, recipient: to, accountId, locale, sealedData, now });
    },

    /** What a mail says. @throws Error if its data is gone, or was sealed with another SECRET_KEY */
    open({ id, sealed_data: sealed }: Pick<MailOutboxTable, "id" | "sealed_data">): unknown {
      if (sealed === null) throw new Error("the mail's data has been removed");
      return JSON.parse(seal.open(id, sealed));
    },
  };
}

/** Seals the data of mails, each under its id. */
export function createMailSeal(secretKey: string, previousSecretKey: string | undefined): Seal {
  return createSeal("mail data v1", secretKey, previousSecretKey);
}

type NewRow = {
  id: string;
  template: MailOutboxTable["template"];
  recipient: string | null;
  accountId: string | null;
  locale: MailOutboxTable["locale"];
  sealedData: Buffer;
  now: Date;
};

/** The condition is for a transaction that runs again after a commit whose answer was lost. */
const addOnce = prepared((db: MailQueries, param: ParameterOf<NewRow>) =>
  db
    .insertInto("mail_outbox")
    .columns([
      "id",
      "user_id",
      "template",
      "recipient",
      "locale",
      "sealed_data",
      "status",
      "attempts",
      "due_at",
      "created_at",
    ])
    .expression(
      db
        .selectNoFrom((row) => [
          row.val(param("id")).as("id"),
          row.val(param("accountId")).as("user_id"),
          row.val(param("template")).as("template"),
          row.val(param("recipient")).as("recipient"),
          row.val(param("locale")).as("locale"),
          row.val(param("sealedData")).as("sealed_data"),
          row.val("waiting").as("status"),
          row.val(0).as("attempts"),
          row.val(param("now")).as("due_at"),
          row.val(param("now")).as("created_at"),
        ])
        .where((row) => row.not(row.exists(db.selectFrom("mail_outbox").select("id").where("id", "=", param("id"))))),
    ),
);
