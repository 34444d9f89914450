import { sql } from "kysely";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { doublings } from "./rules.ts";
import type { FailureQueries } from "./tables.ts";

/** Before anything was counted or told. */
export const never = new Date(0);
/** No attempt has it: ids are UUIDs of version 8. */
const nobody = "00000000-0000-0000-0000-000000000000";

/** Adds the row of a subject, with no failures yet. Two calls at once may violate its key: then all runs again. */
export const add = prepared(
  (db: FailureQueries, param: ParameterOf<{ subject: Buffer; accountId: string | null; never: Date }>) =>
    db
      .insertInto("sign_in_failures")
      .columns(["subject", "user_id", "failures", "failed_at", "attempt_id", "notice_id", "noticed_at"])
      .expression(
        db
          .selectNoFrom((row) => [
            row.val(param("subject")).as("subject"),
            row.val(param("accountId")).as("user_id"),
            row.lit<number>(0).as("failures"),
            row.val(param("never")).as("failed_at"),
            row.val(nobody).as("attempt_id"),
            row.val(nobody).as("notice_id"),
            row.val(param("never")).as("noticed_at"),
          ])
          .where((row) => {
            const known = db.selectFrom("sign_in_failures").select("subject").where("subject", "=", param("subject"));
            return row.not(row.exists(known));
          }),
      ),
);

/** The instants before which the last failure must lie: `since0` after a first delay, and so on. */
type Instants = { readonly [name in `since${number}`]: Date };

type Pacing = Instants & { subject: Buffer; attempt: string; free: number; now: Date; longest: Date };

/**
 * Counts an attempt that no delay forbids. On Azure SQL the condition may see the row as it was before a neighbour's
 * change that is not committed yet. If it is met, it is looked at again after the commit; if not, the attempt is refused
 * at worst.
 */
const paceOf = (db: FailureQueries, param: ParameterOf<Pacing>) => {
  const arms = Array.from({ length: doublings }, (_, step) => sql`when ${sql.lit(step)} then ${param(`since${step}`)}`);
  return db
    .updateTable("sign_in_failures")
    .set((row) => ({
      failures: row("failures", "+", 1),
      failed_at: param("now"),
      attempt_id: param("attempt"),
    }))
    .where("subject", "=", param("subject"))
    .where("attempt_id", "<>", param("attempt"))
    .where((row) =>
      row.or([
        row("failures", "<", param("free")),
        row(
          "failed_at",
          "<=",
          sql<Date>`case failures - ${param("free")} ${sql.join(arms, sql` `)} else ${param("longest")} end`,
        ),
      ]),
    );
};

/** Counts an attempt of a device that the account knows. */
export const paceAcquaintance = prepared(paceOf);

type Common = { network: Buffer; mark: number };

/** Counts a stranger's attempt, unless its network is slowed. */
export const paceStranger = prepared(
  (db: FailureQueries, param: ParameterOf<Pacing & Common & { slowedSince: Date }>) => {
    const slowed = db
      .selectFrom("sign_in_failures as slowed")
      .select("slowed.subject")
      .where("slowed.subject", "=", param("network"))
      .where("slowed.failed_at", ">", param("slowedSince"));
    return paceOf(db, param)
      .set({ network: param("network"), password_mark: param("mark") })
      .where((row) => row.not(row.exists(slowed)));
  },
);

/** Counts an attempt once more, for another subject, if it was admitted; and says whether that is to be told. */
export const tally = prepared(
  (
    db: FailureQueries,
    param: ParameterOf<{
      subject: Buffer;
      paced: Buffer;
      attempt: string;
      now: Date;
      toldFailures: number;
      toldBefore: Date;
    }>,
  ) => {
    const admitted = db
      .selectFrom("sign_in_failures as admitted")
      .select("admitted.subject")
      .where("admitted.subject", "=", param("paced"))
      .where("admitted.attempt_id", "=", param("attempt"));
    return db
      .updateTable("sign_in_failures")
      .set((row) => {
        const isDue = row.and([
          row(row("failures", "+", 1), ">=", param("toldFailures")),
          row("noticed_at", "<=", param("toldBefore")),
        ]);
        return {
          failures: row("failures", "+", 1),
          failed_at: param("now"),
          attempt_id: param("attempt"),
          notice_id: row.case().when(isDue).then(param("attempt")).else(row.ref("notice_id")).end(),
          noticed_at: row.case().when(isDue).then(param("now")).else(row.ref("noticed_at")).end(),
        };
      })
      .where("subject", "=", param("subject"))
      .where("attempt_id", "<>", param("attempt"))
      .where((row) => row.exists(admitted));
  },
);

const columns = ["subject", "failures", "failed_at", "attempt_id", "notice_id"] as const;

/** The rows of an acquaintance, or of a network. */
export const readOne = prepared((db: FailureQueries, param: ParameterOf<{ subject: Buffer }>) =>
  db.selectFrom("sign_in_failures").select(columns).where("subject", "=", param("subject")),
);

type Reading = Common & { paced: Buffer; bounded: Buffer; since: Date; most: number };

/** The rows of a stranger, with how many addresses its network and its password have failed at. */
export const readStranger = prepared((db: FailureQueries, param: ParameterOf<Reading>) => {
  const lately = db.selectFrom("sign_in_failures").select("subject").where("failed_at", ">", param("since"));
  const counted = (rows: typeof lately) =>
    db.selectFrom(rows.limit(param("most")).as("counted")).select((row) => row.fn.countAll<number>().as("count"));
  return db
    .selectFrom("sign_in_failures")
    .select(columns)
    .select([
      counted(lately.where("network", "=", param("network"))).as("of_network"),
      counted(lately.where("password_mark", "=", param("mark"))).as("of_password"),
    ])
    .where("subject", "in", [param("paced"), param("bounded"), param("network")]);
});

/** After a success: what was counted for a subject counts no more. */
export const remove = prepared((db: FailureQueries, param: ParameterOf<{ subject: Buffer }>) =>
  db.deleteFrom("sign_in_failures").where("subject", "=", param("subject")),
);

/** Takes an attempt back whose password was not looked at. */
export const giveBack = prepared(
  (db: FailureQueries, param: ParameterOf<{ subject: Buffer; attempt: string; failedAt: Date }>) =>
    db
      .updateTable("sign_in_failures")
      // Once only: a second run finds the attempt no more.
      .set((row) => ({ failures: row("failures", "-", 1), failed_at: param("failedAt"), attempt_id: nobody }))
      .where("subject", "=", param("subject"))
      .where("attempt_id", "=", param("attempt")),
);

export const forget = prepared((db: FailureQueries, param: ParameterOf<{ accountId: string }>) =>
  db.deleteFrom("sign_in_failures").where("user_id", "=", param("accountId")),
);
