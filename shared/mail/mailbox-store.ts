import type { Seal } from "../platform/crypto/seal.ts";
import type { Queries } from "../platform/database/database.ts";
import type { StoredMail } from "./render.ts";
import type { MailOutboxTable, MailStatus } from "./tables.ts";

/** A mail of the outbox whose data is still there. */
export interface MailboxEntry {
  readonly mail: StoredMail;
  readonly status: MailStatus;
  readonly createdAt: Date;
}

/** The newest mails; older ones are not shown. */
const maxShown = 100;

/** What `/dev/mailbox` reads. @param seal from `createMailSeal` */
export function createMailboxStore(queries: Queries, seal: Seal) {
  const db = queries.withTables<{ mail_outbox: MailOutboxTable }>();
  return {
    /** The newest mails that have a recipient and whose data can be read, newest first. */
    async newest(): Promise<readonly MailboxEntry[]> {
      const rows = await db
        .selectFrom("mail_outbox")
        .select(["id", "template", "recipient", "locale", "sealed_data", "status", "created_at"])
        .where("recipient", "is not", null)
        .where("sealed_data", "is not", null)
        .orderBy("created_at", "desc")
        .limit(maxShown)
        .execute();
      return rows.toSorted(newestFirst).flatMap((row) => {
        const data = row.sealed_data && opened(seal, row.id, row.sealed_data);
        if (data === undefined || data === null || row.recipient === null) return [];
        const mail = { id: row.id, template: row.template, to: row.recipient, locale: row.locale, data } as StoredMail;
        return [{ mail, status: row.status, createdAt: row.created_at }];
      });
    },

    /** Removes every mail, sent or not. */
    async clear(): Promise<void> {
      await db.deleteFrom("mail_outbox").execute();
    },
  };
}

/** Of one instant, the ids tell nothing, but the order is always the same. */
function newestFirst(one: Pick<MailOutboxTable, "id" | "created_at">, other: typeof one): number {
  return other.created_at.getTime() - one.created_at.getTime() || (one.id < other.id ? 1 : -1);
}

/** Undefined for what an earlier SECRET_KEY has sealed. */
function opened(seal: Seal, id: string, sealed: Buffer): unknown {
  try {
    return JSON.parse(seal.open(id, sealed));
  } catch {
    return undefined;
  }
}
