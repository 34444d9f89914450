import { addSeconds } from "../platform/clock.ts";
import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { TotpSecrets } from "./secrets.ts";
import type { MfaQueries, TotpFactorsTable } from "./tables.ts";
import { matchTotp } from "./totp.ts";

/** An authenticator app whose secret can be compared with a code. */
export type TotpFactor = Pick<TotpFactorsTable, "id" | "sealed_secret">;

/** A factor of an account. */
export type FactorKey = { readonly id: string; readonly accountId: string };

/** A factor to enrol. Make the id and the secret outside the transaction. */
export type NewTotpFactor = FactorKey & {
  readonly name: string | null;
  /** From `newTotpSecret`. */
  readonly secret: string;
};

/** A code that an app has shown. */
export type TotpMatch = {
  readonly id: string;
  readonly step: number;
};

/** The queries on `totp_factors`; part of the store. */
export function createTotpQueries(db: MfaQueries, secrets: TotpSecrets) {
  return {
    /**
     * Adds a factor, which counts once it is confirmed. Of those that wait for that, the oldest make room, so that nobody
     * keeps the owner from adding one. Call it in a transaction that holds the account's row. A second run with the same id
     * changes nothing.
     * @returns false if the account has as many confirmed ones as it may
     */
    async add({ secret, ...factor }: NewTotpFactor, now: Date): Promise<boolean> {
      const { id, accountId } = factor;
      await trimUnconfirmed.later(db, { id, accountId });
      await addOnce.later(db, { ...factor, ...secrets.seal(id, secret), now, most: mostFactors });
      return (await select(db, { id, accountId })).length > 0;
    },

    /** A factor that may still be confirmed. */
    async findUnconfirmed({ id, accountId }: FactorKey, now: Date): Promise<TotpFactor | undefined> {
      const [row] = await select(db, { id, accountId });
      const isOpen = row?.confirmed_at === null && row.created_at > addSeconds(now, -confirmSeconds);
      return isOpen ? row : undefined;
    },

    /** The confirmed factors of an account. */
    listConfirmed: (accountId: string): Promise<TotpFactor[]> => selectConfirmed(db, { accountId }),

    /** Which of these factors shows this code now; undefined if none does. Changes nothing. */
    match(factors: readonly TotpFactor[], code: string, now: Date): TotpMatch | undefined {
      for (const { id, sealed_secret: kept } of factors) {
        const secret = secrets.open(id, kept);
        const step = secret === undefined ? undefined : matchTotp({ secret, code }, now);
        if (step !== undefined) return { id, step };
      }
      return undefined;
    },

    /**
     * Confirms a factor by its first code, which is used up. Call it in a transaction that holds the account's row.
     * @returns false if another call did, it took too long, or the account has as many as it may
     */
    async confirm({ accountId, ...match }: TotpMatch & { accountId: string }, now: Date): Promise<boolean> {
      const since = addSeconds(now, -confirmSeconds);
      return (await confirm(db, { ...match, accountId, since, now, most: mostFactors })).length > 0;
    },

    /** Uses a code up. @returns false if it was used, or a later one, or the factor is gone: of racing calls one wins */
    async use(match: TotpMatch, now: Date): Promise<boolean> {
      return (await use(db, { ...match, now })).length > 0;
    },
  };
}

/** How many apps an account may have. */
export const mostFactors = 10;

/** How many more may wait to be confirmed. */
const mostUnconfirmed = 3;

/** How long an app may take to show its first code. */
export const confirmSeconds = 15 * 60;

const select = prepared((db: MfaQueries, param: ParameterOf<FactorKey>) =>
  db
    .selectFrom("totp_factors")
    .select(["id", "sealed_secret", "created_at", "confirmed_at"])
    .where("id", "=", param("id"))
    .where("user_id", "=", param("accountId")),
);

const selectConfirmed = prepared((db: MfaQueries, param: ParameterOf<{ accountId: string }>) =>
  db
    .selectFrom("totp_factors")
    .select(["id", "sealed_secret"])
    .where("user_id", "=", param("accountId"))
    .where("confirmed_at", "is not", null),
);

/** Leaves room for one more that waits. */
const trimUnconfirmed = prepared((db: MfaQueries, param: ParameterOf<FactorKey>) =>
  db.deleteFrom("totp_factors").where("id", "in", (query) =>
    query
      .selectFrom("totp_factors")
      .select("id")
      .where("user_id", "=", param("accountId"))
      .where("confirmed_at", "is", null)
      .where("id", "<>", param("id"))
      .orderBy("created_at", "desc")
      .orderBy("id", "desc")
      .limit(mostFactors)
      .offset(mostUnconfirmed - 1),
  ),
);

/** How many apps of an account are confirmed. */
const confirmedOf = (db: MfaQueries, accountId: string) =>
  db
    .selectFrom("totp_factors as own")
    .select((each) => each.fn.countAll<number>().as("count"))
    .where("own.user_id", "=", accountId)
    .where("own.confirmed_at", "is not", null);

type Addition = FactorKey & { name: string | null; sealed: Buffer; keyMark: Buffer; now: Date; most: number };

const addOnce = prepared((db: MfaQueries, param: ParameterOf<Addition>) =>
  db
    .insertInto("totp_factors")
    .columns(["id", "user_id", "name", "sealed_secret", "key_mark", "created_at"])
    .expression(
      db
        .selectNoFrom((row) => [
          row.val(param("id")).as("id"),
          row.val(param("accountId")).as("user_id"),
          row.val(param("name")).as("name"),
          row.val(param("sealed")).as("sealed_secret"),
          row.val(param("keyMark")).as("key_mark"),
          row.val(param("now")).as("created_at"),
        ])
        .where((row) =>
          row.not(row.exists(db.selectFrom("totp_factors").select("user_id").where("id", "=", param("id")))),
        )
        .where((row) => row(confirmedOf(db, param("accountId")), "<", param("most"))),
    ),
);

const confirm = prepared(
  (db: MfaQueries, param: ParameterOf<TotpMatch & { accountId: string; since: Date; now: Date; most: number }>) =>
    db
      .updateTable("totp_factors")
      .set({ confirmed_at: param("now"), last_step: param("step"), last_used_at: param("now") })
      .where("id", "=", param("id"))
      .where("user_id", "=", param("accountId"))
      .where("confirmed_at", "is", null)
      .where("created_at", ">", param("since"))
      .where((row) => row(confirmedOf(db, param("accountId")), "<", param("most")))
      .returning("id"),
);

const use = prepared((db: MfaQueries, param: ParameterOf<TotpMatch & { now: Date }>) =>
  db
    .updateTable("totp_factors")
    .set({ last_step: param("step"), last_used_at: param("now") })
    .where("id", "=", param("id"))
    // A confirmed factor has the step of its first code.
    .where("last_step", "<", param("step"))
    .returning("id"),
);
