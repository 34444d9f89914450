import { setImmediate } from "node:timers/promises";
import { currentBudget, withRetry } from "../platform/database/budget.ts";
import type { Queries } from "../platform/database/database.ts";
import { DuplicateKeyError } from "../platform/database/errors.ts";
import { hashParameters } from "../platform/phc.ts";
import { isEmail, normaliseEmail } from "./email.ts";
import { emailForm, type UserQueries, type UsersTable } from "./tables.ts";

/** Two accounts with one mailbox. Neither is changed. */
export interface Collision {
  /** The account whose address keeps its former form; its owner is found by it as before. */
  readonly accountId: string;
  /** The account that has the form of today. */
  readonly otherId: string;
}

/** What was done to rows of an older release, or would be. */
export interface UpkeepReport {
  readonly updated: number;
  readonly collisions: readonly Collision[];
  /** Of those updated: accounts to whose domain no mail can be sent, so that no sign-in takes the address. */
  readonly unreachable: readonly string[];
  /** Whether all rows were looked at; otherwise the time was up. */
  readonly isComplete: boolean;
}

export interface UpkeepOptions {
  /** Whether nothing is written: what would be done. False unless given. */
  readonly isDryRun?: boolean;
  /** How many rows are looked at in one go. */
  readonly batchSize?: number;
  /** After this time no further batch begins. */
  readonly milliseconds?: number;
}

type Row = Pick<UsersTable, "id" | "email" | "email_normalised" | "password_hash">;

/** No account's: the first that there could be. */
const beforeAll = "00000000-0000-0000-0000-000000000000";

/**
 * Brings accounts up to date that an older release has written: the form by which their address is compared, and the
 * parameters of their password's hash. Each row is changed by one conditional statement of its own or with others of its batch,
 * so that it may be broken off, run again, run twice at once, and run while any release writes.
 */
export async function bringUpToDate(
  queries: Queries,
  { isDryRun = false, batchSize = 500, milliseconds = Number.POSITIVE_INFINITY }: UpkeepOptions = {},
): Promise<UpkeepReport> {
  const db = queries.withTables<{ users: UsersTable }>();
  const endAt = performance.now() + milliseconds;
  const collisions: Collision[] = [];
  const unreachable: string[] = [];
  let [updated, after] = [0, beforeAll];
  for (;;) {
    const rows = await persist(() => nextRows(db, after, batchSize));
    const moved = rows.filter(hasFormerForm);
    for (const row of moved) {
      const other = isDryRun ? await holderOf(db, formOf(row)) : await rename(db, row);
      if (other !== undefined) collisions.push({ accountId: row.id, otherId: other });
    }
    const collided = new Set(collisions.map(({ accountId }) => accountId));
    if (!isDryRun) await settle(db, rows, collided);
    updated += rows.filter(({ id }) => !collided.has(id)).length;
    unreachable.push(...rows.filter(({ email }) => email !== null && !isEmail(email)).map(({ id }) => id));
    const isComplete = rows.length < batchSize;
    if (isComplete || performance.now() > endAt) return { updated, collisions, unreachable, isComplete };
    after = rows.at(-1)?.id ?? after;
    // The embedded engine works on this thread: let waiting calls have their turn.
    await setImmediate();
  }
}

const retryMilliseconds = 25_000;

/** Runs a statement again whatever passes: a second run of any of them leaves what the first has done. */
function persist<T>(statement: () => Promise<T>): Promise<T> {
  return withRetry(currentBudget(retryMilliseconds), statement, () => true);
}

/** What is left to be done, collisions included, in the order of the ids. */
function nextRows(db: UserQueries, after: string, limit: number): Promise<Row[]> {
  return db
    .selectFrom("users")
    .select(["id", "email", "email_normalised", "password_hash"])
    .where("email_form", "is", null)
    .where("email_normalised", "is not", null)
    .where("id", ">", after)
    .orderBy("id")
    .limit(limit)
    .execute();
}

const formOf = ({ email }: Row): string => normaliseEmail(email ?? "");
const hasFormerForm = (row: Row): boolean => row.email !== null && formOf(row) !== row.email_normalised;

async function holderOf(db: UserQueries, form: string): Promise<string | undefined> {
  return (await db.selectFrom("users").select("id").where("email_normalised", "=", form).executeTakeFirst())?.id;
}

/** Gives a row the form of today. @returns the account that has it already, if one does */
async function rename(db: UserQueries, row: Row): Promise<string | undefined> {
  const update = db
    .updateTable("users")
    .set({ email_normalised: formOf(row) })
    .where("id", "=", row.id)
    .where("email_normalised", "=", row.email_normalised);
  try {
    await persist(() => update.execute());
    return undefined;
  } catch (error) {
    if (!(error instanceof DuplicateKeyError)) throw error;
    return holderOf(db, formOf(row));
  }
}

/** Notes the parameters of each hash, then marks the rows as done, but those that keep a former form. */
async function settle(db: UserQueries, rows: readonly Row[], collided: ReadonlySet<string>): Promise<void> {
  const withHash = rows.filter(({ password_hash: hash }) => hash !== null);
  const byParameters = Map.groupBy(withHash, ({ password_hash: hash }) => hashParameters(hash ?? ""));
  for (const [parameters, group] of byParameters) {
    if (parameters === undefined) continue;
    const ids = group.map(({ id }) => id);
    const note = db.updateTable("users").set({ password_parameters: parameters }).where("id", "in", ids);
    // A password changed since it was read has had its new parameters noted.
    await persist(() => note.where("password_parameters", "is", null).execute());
  }
  const done = rows.filter(({ id }) => !collided.has(id)).map(({ id }) => id);
  if (done.length === 0) return;
  const mark = db.updateTable("users").set({ email_form: emailForm }).where("id", "in", done);
  await persist(() => mark.execute());
}
