import { setImmediate } from "node:timers/promises";
import { currentBudget, withRetry } from "../platform/database/budget.ts";
import type { Queries } from "../platform/database/database.ts";
import { DuplicateKeyError } from "../platform/database/errors.ts";
import { hashParameters } from "../platform/phc.ts";
import { giveAuditIds } from "./audit-ids.ts";
import { isEmail, normaliseEmail } from "./email.ts";
import { emailForm, type UserQueries, type UsersTable } from "./tables.ts";

/** Two accounts with the same mailbox. Neither is changed. */
export interface Collision {
  /** The account whose address stays in its former form; its owner can still sign in with it. */
  readonly accountId: string;
  /** The account that has the current form. */
  readonly otherId: string;
}

/** What was done to rows of an older release, or would be done. */
export interface UpkeepReport {
  readonly updated: number;
  readonly collisions: readonly Collision[];
  /** Of those updated: accounts whose domain can receive no mail, so that no sign-in accepts the address. */
  readonly unreachable: readonly string[];
  /** Whether all rows were checked; if false, the time ran out. */
  readonly isComplete: boolean;
}

export interface UpkeepOptions {
  /** Whether to report only, without writing. False unless given. */
  readonly isDryRun?: boolean;
  /** The number of rows per batch. */
  readonly batchSize?: number;
  /** No batch begins after this time. */
  readonly milliseconds?: number;
}

/**
 * Migrates accounts written by an older release: the form in which their address is compared, the parameters of their
 * password hash, and their audit id. Every change is a single conditional statement, so it may be interrupted, repeated,
 * run twice at once, or run while any release is writing. The report does not count audit ids: an account without one
 * gets it with its first event, too.
 */
export async function bringUpToDate(
  queries: Queries,
  { isDryRun = false, batchSize = 500, milliseconds = Number.POSITIVE_INFINITY }: UpkeepOptions = {},
): Promise<UpkeepReport> {
  const db = queries.withTables<{ users: UsersTable }>();
  const endAt = performance.now() + milliseconds;
  if (!isDryRun) await fillAuditIds(db, batchSize, endAt);
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
    // The embedded engine runs on this thread: let waiting calls have their turn.
    await setImmediate();
  }
}

/** Gives audit ids to accounts of an older release, batch by batch, until none is left or the time is up. */
async function fillAuditIds(db: UserQueries, batchSize: number, endAt: number): Promise<void> {
  while ((await persist(() => giveAuditIds(db, batchSize))) === batchSize && performance.now() <= endAt)
    await setImmediate();
}

type Row = Pick<UsersTable, "id" | "email" | "email_normalised" | "password_hash">;

/** Smaller than any account's id. */
const beforeAll = "00000000-0000-0000-0000-000000000000";

const retryMilliseconds = 25_000;

/** Retries a statement after any passing failure: running each of them twice does no harm. */
function persist<T>(statement: () => Promise<T>): Promise<T> {
  return withRetry(currentBudget(retryMilliseconds), statement, () => true);
}

/** The rows still to migrate, collisions included, by id. */
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

/** Gives a row the current form. @returns the account that already has it, if any */
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

/** Records the parameters of each hash, then marks the rows as done, except those that keep a former form. */
async function settle(db: UserQueries, rows: readonly Row[], collided: ReadonlySet<string>): Promise<void> {
  const withHash = rows.filter(({ password_hash: hash }) => hash !== null);
  const byParameters = Map.groupBy(withHash, ({ password_hash: hash }) => hashParameters(hash ?? ""));
  for (const [parameters, group] of byParameters) {
    if (parameters === undefined) continue;
    const ids = group.map(({ id }) => id);
    const note = db.updateTable("users").set({ password_parameters: parameters }).where("id", "in", ids);
    // If the password was changed since the row was read, its new parameters are already recorded.
    await persist(() => note.where("password_parameters", "is", null).execute());
  }
  const done = rows.filter(({ id }) => !collided.has(id)).map(({ id }) => id);
  if (done.length === 0) return;
  const mark = db.updateTable("users").set({ email_form: emailForm }).where("id", "in", done);
  await persist(() => mark.execute());
}
