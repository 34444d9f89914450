import type { Kysely } from "kysely";
import { addSeconds } from "../platform/clock.ts";
import { runLater } from "../platform/database/prepared.ts";
import { chooseMeant, holderColumns, toHolder, type AddressHolder } from "./address-queries.ts";
import { formsOf } from "./email.ts";
import type { RegistrationsTable, UsersTable } from "./tables.ts";

/** An attempt to register an address. @param noticeId the id of the mail that would tell its owner */
export interface RegistrationAttempt {
  readonly email: string;
  readonly noticeId: string;
}

/** The account whose address somebody tried to register, and whether its owner is to be told. */
export interface NotedAttempt {
  readonly holder: AddressHolder;
  readonly isDue: boolean;
}

/** What became of a registration that was to wait for its address. */
export interface Arrival {
  /** The account that has the address already, if one does. */
  readonly attempt: NotedAttempt | undefined;
  /** Whether it waits; too many did otherwise. */
  readonly isKept: boolean;
}

/** The queries on attempts to register an address; part of the account store. */
export function createAttemptQueries(db: AttemptQueries) {
  return {
    /**
     * The account with this address, when someone tries to register it. `isDue` once an hour, if its owner has proven
     * the address and is to be told: of calls at once, one update lets one through.
     */
    async noteRegistrationAttempt(
      { email, noticeId }: RegistrationAttempt,
      now: Date,
    ): Promise<NotedAttempt | undefined> {
      const note = noteAttempt(db, { email, noticeId }, now).returning([...holderColumns, "notice_id"]);
      return toNoted(await note.execute(), { email, noticeId });
    },

    /**
     * Notes the attempt of a registration that has just been added, and reads what became of it: one statement that is
     * read, so that one message carries all.
     */
    async noteArrival({ id, ...attempt }: RegistrationAttempt & { id: string }, now: Date): Promise<Arrival> {
      await runLater(db, noteAttempt(db, attempt, now).compile());
      const rows = await withHolders(db, id, formsOf(attempt.email)).execute();
      const held = rows.filter((row): row is HeldRow => row.id !== null);
      return { attempt: toNoted(held, attempt), isKept: rows.some(({ kept }) => kept > 0) };
    },
  };
}

type AttemptQueries = Kysely<{ users: UsersTable; registrations: RegistrationsTable }>;

/** How often the owner of an address is told at most that someone tried to register it. */
const noticeSeconds = 60 * 60;

/** Marks the owner of an address as told by this notice, if one is due. */
function noteAttempt(db: AttemptQueries, { email, noticeId }: RegistrationAttempt, now: Date) {
  return db
    .updateTable("users")
    .set((row) => {
      const isLongAgo = row.or([
        row("noticed_at", "is", null),
        row("noticed_at", "<=", addSeconds(now, -noticeSeconds)),
      ]);
      const isDue = row.and([row("email_verified_at", "is not", null), row("is_active", "=", true), isLongAgo]);
      return {
        notice_id: row.case().when(isDue).then(noticeId).else(row.ref("notice_id")).end(),
        noticed_at: row.case().when(isDue).then(now).else(row.ref("noticed_at")).end(),
      };
    })
    .where("email_normalised", "in", formsOf(email));
}

type NotedRow = Pick<UsersTable, (typeof holderColumns)[number] | "notice_id">;

/** What an attempt came to, from the rows of its address. */
function toNoted(rows: readonly NotedRow[], { email, noticeId }: RegistrationAttempt): NotedAttempt | undefined {
  const [row] = chooseMeant(rows, email);
  return row && { holder: toHolder(row), isDue: row.notice_id === noticeId };
}

/** One row also if no account has the address. */
function withHolders(db: AttemptQueries, id: string, forms: readonly string[]) {
  const kept = db
    .selectFrom("registrations")
    .select((each) => each.fn.countAll<number>().as("kept"))
    .where("id", "=", id);
  return db
    .selectFrom(kept.as("own"))
    .leftJoin("users", (join) => join.on((row) => row("email_normalised", "in", forms)))
    .select(["kept", ...holderColumns, "notice_id"]);
}

type HeldRow = NotedRow & { kept: number };
