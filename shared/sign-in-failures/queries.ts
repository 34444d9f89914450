import { sql, type ExpressionBuilder } from "kysely";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import { doublings } from "./rules.ts";
import { nobody } from "./subjects.ts";
import type { FailureQueries, SignInFailuresTable } from "./tables.ts";

/** Before anything was counted or told. */
export const never = new Date(0);

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

type Telling = { attempt: string; now: Date; toldFailures: number; toldBefore: Date };

/** Marks the attempt that is being counted as the one that is told, if one is due. */
const tellingOf =
  (param: ParameterOf<Telling>) =>
  (row: ExpressionBuilder<{ sign_in_failures: SignInFailuresTable }, "sign_in_failures">) => {
    const isDue = row.and([
      row(row("failures", "+", 1), ">=", param("toldFailures")),
      row("noticed_at", "<=", param("toldBefore")),
    ]);
    return {
      notice_id: row.case().when(isDue).then(param("attempt")).else(row.ref("notice_id")).end(),
      noticed_at: row.case().when(isDue).then(param("now")).else(row.ref("noticed_at")).end(),
    };
  };

/** Counts an attempt of a device that the account knows; and says whether that is to be told. */
export const paceAcquaintance = prepared((db: FailureQueries, param: ParameterOf<Pacing & Telling>) =>
  paceOf(db, param).set(tellingOf(param)),
);

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

type Tallying = Telling & { subject: Buffer };

const tallyOf = (db: FailureQueries, param: ParameterOf<Tallying>) =>
  db
    .updateTable("sign_in_failures")
    .set((row) => ({
      failures: row("failures", "+", 1),
      failed_at: param("now"),
      attempt_id: param("attempt"),
      ...tellingOf(param)(row),
    }))
    .where("subject", "=", param("subject"))
    .where("attempt_id", "<>", param("attempt"));

/** Counts an admitted attempt once more, for its network; and says whether that is to be told. */
export const tally = prepared(tallyOf);

/** Counts an attempt once more, for its account, if it was admitted; and says whether that is to be told. */
export const tallyAdmitted = prepared((db: FailureQueries, param: ParameterOf<Tallying & { paced: Buffer }>) => {
  const admitted = db
    .selectFrom("sign_in_failures as admitted")
    .select("admitted.subject")
    .where("admitted.subject", "=", param("paced"))
    .where("admitted.attempt_id", "=", param("attempt"));
  return tallyOf(db, param).where((row) => row.exists(admitted));
});

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

const giveBackOf = (db: FailureQueries, param: ParameterOf<{ subject: Buffer }>) =>
  db
    .updateTable("sign_in_failures")
    .set((row) => ({ failures: row("failures", "-", 1) }))
    .where("subject", "=", param("subject"))
    // A success may have removed it since.
    .where("failures", ">", 0);

/**
 * Takes a paced attempt back, with its delay unless another attempt was counted since. Where it was the only one, nothing
 * has failed: neither its network nor its password may count for stuffing.
 */
export const giveBackPaced = prepared(
  (db: FailureQueries, param: ParameterOf<{ subject: Buffer; attempt: string; failedAt: Date }>) =>
    giveBackOf(db, param).set((row) => ({
      network: row.case().when("failures", ">", 1).then(row.ref("network")).else(null).end(),
      password_mark: row.case().when("failures", ">", 1).then(row.ref("password_mark")).else(null).end(),
      failed_at: row
        .case()
        .when("attempt_id", "=", param("attempt"))
        .then(param("failedAt"))
        .else(row.ref("failed_at"))
        .end(),
    })),
);

/** Takes an attempt back where it was tallied. */
export const giveBackTallied = prepared(giveBackOf);

type OfSecondFactors = { accountId: string; from: Buffer; to: Buffer };

export const forget = prepared((db: FailureQueries, param: ParameterOf<OfSecondFactors>) =>
  db
    .deleteFrom("sign_in_failures")
    .where("user_id", "=", param("accountId"))
    .where((row) => row.or([row("subject", "<", param("from")), row("subject", ">", param("to"))])),
);

export const forgetSecondFactors = prepared((db: FailureQueries, param: ParameterOf<OfSecondFactors>) =>
  db
    .deleteFrom("sign_in_failures")
    .where("user_id", "=", param("accountId"))
    .where("subject", ">=", param("from"))
    .where("subject", "<=", param("to")),
);
