import type { Kysely } from "kysely";
import { addSeconds } from "../platform/clock.ts";
import { repeatable } from "../platform/database/budget.ts";
import { isDuplicate } from "../platform/database/errors.ts";
import type { Tables } from "./tables.ts";

/** How long a use goes without being written down, after the one before it. */
const noteEverySeconds = 24 * 60 * 60;

/** Whether a use now is to be written down, given the last one that was. */
export function isClientUseDue(lastUsedAt: Date | null, now: Date): boolean {
  return lastUsedAt === null || lastUsedAt <= addSeconds(now, -noteEverySeconds);
}

/** A client, and when it was last used as far as that was read. */
export interface ClientUse {
  readonly id: string;
  readonly last_used_at: Date | null;
}

/** Writes down that a client is used: one statement, of which one of several parallel calls does something. */
export async function noteClientUse(db: Kysely<Tables>, { id, last_used_at: before }: ClientUse, now: Date) {
  if (before === null) {
    const insert = db.insertInto("client_uses").values({ client_id: id, last_used_at: now });
    await isDuplicate(repeatable(() => insert.execute()));
    return;
  }
  const update = db
    .updateTable("client_uses")
    .set({ last_used_at: now })
    .where("client_id", "=", id)
    .where("last_used_at", "<=", addSeconds(now, -noteEverySeconds));
  await repeatable(() => update.execute());
}
