import { prepared, type ParameterOf } from "../platform/database/prepared.ts";
import type { OneTimeTokensTable, Purpose, TokenQueries } from "./tables.ts";

const columns = [
  "token_hash",
  "purpose",
  "subject_id",
  "email",
  "email_normalised",
  "code_hash",
  "created_at",
  "expires_at",
  "consumed_at",
] as const;

/** A token as it is read. */
export type Row = Pick<OneTimeTokensTable, (typeof columns)[number]>;

type Key = { tokenHash: Buffer; purpose: Purpose };

/** A token by its hash. */
export const select = prepared((db: TokenQueries, param: ParameterOf<Key>) =>
  db
    .selectFrom("one_time_tokens")
    .select(columns)
    .where("token_hash", "=", param("tokenHash"))
    .where("purpose", "=", param("purpose")),
);

type Address = { purpose: Purpose; emailNormalised: string };

/** Counts a try of a code for the newest token of an address, if it still allows one. */
export const countTry = prepared(
  (db: TokenQueries, param: ParameterOf<Address & { earliest: Date; maxTries: number }>) =>
    db
      .updateTable("one_time_tokens")
      .set((row) => ({ code_tries: row("code_tries", "+", 1) }))
      .where("token_hash", "in", (query) =>
        query
          .selectFrom("one_time_tokens as newest")
          .select("newest.token_hash")
          .where("newest.email_normalised", "=", param("emailNormalised"))
          .where("newest.purpose", "=", param("purpose"))
          .where("newest.expires_at", ">", param("earliest"))
          .orderBy("newest.created_at", "desc")
          .orderBy("newest.token_hash", "desc")
          .limit(1),
      )
      .where("code_tries", "<", param("maxTries"))
      .returning(columns),
);

/** The one update that decides who uses a token. */
export const consume = prepared(
  (db: TokenQueries, param: ParameterOf<Key & Address & { subjectId: string; now: Date }>) =>
    db
      .updateTable("one_time_tokens")
      .set({ consumed_at: param("now") })
      .where("token_hash", "=", param("tokenHash"))
      .where("purpose", "=", param("purpose"))
      .where("subject_id", "=", param("subjectId"))
      .where("email_normalised", "=", param("emailNormalised"))
      .where("consumed_at", "is", null)
      .where("expires_at", ">", param("now"))
      .returning("subject_id"),
);

/** Ends the unused tokens of one purpose but this one. */
export const endOlder = prepared((db: TokenQueries, param: ParameterOf<Key & { subjectId: string }>) =>
  db
    .deleteFrom("one_time_tokens")
    .where("subject_id", "=", param("subjectId"))
    .where("purpose", "=", param("purpose"))
    .where("token_hash", "!=", param("tokenHash"))
    .where("consumed_at", "is", null),
);

/** Ends the unused tokens of all purposes but one. */
export const endUnused = prepared((db: TokenQueries, param: ParameterOf<{ subjectId: string; kept: Purpose }>) =>
  db
    .deleteFrom("one_time_tokens")
    .where("subject_id", "=", param("subjectId"))
    .where("purpose", "!=", param("kept"))
    .where("consumed_at", "is", null),
);

/** Ends the unused tokens that were mailed to an address. */
export const endForAddress = prepared((db: TokenQueries, param: ParameterOf<Address>) =>
  db
    .deleteFrom("one_time_tokens")
    .where("email_normalised", "=", param("emailNormalised"))
    .where("purpose", "=", param("purpose"))
    .where("consumed_at", "is", null),
);

type NewRow = Key &
  Address & {
    subjectId: string;
    email: string;
    codeHash: Buffer;
    now: Date;
    expiresAt: Date;
    lately: Date;
    most: number;
  };

/**
 * Adds a token, with the tries that were made since `lately` at the codes of its address: who guesses gets no more of
 * them by asking for further mails. The first condition is for a transaction that runs again after a commit whose answer was lost. */
export const addOnce = prepared((db: TokenQueries, param: ParameterOf<NewRow>) =>
  db
    .insertInto("one_time_tokens")
    .columns([
      "token_hash",
      "purpose",
      "subject_id",
      "email",
      "email_normalised",
      "code_hash",
      "code_tries",
      "created_at",
      "expires_at",
    ])
    .expression(
      db
        .selectNoFrom((query) => [
          query.val(param("tokenHash")).as("token_hash"),
          query.val(param("purpose")).as("purpose"),
          query.val(param("subjectId")).as("subject_id"),
          query.val(param("email")).as("email"),
          query.val(param("emailNormalised")).as("email_normalised"),
          query.val(param("codeHash")).as("code_hash"),
          query.fn
            .coalesce(
              query
                .selectFrom("one_time_tokens as other")
                .select((each) => each.fn.max("other.code_tries").as("tries"))
                .where("other.email_normalised", "=", param("emailNormalised"))
                .where("other.purpose", "=", param("purpose"))
                .where("other.created_at", ">", param("lately")),
              query.val(0),
            )
            .as("code_tries"),
          query.val(param("now")).as("created_at"),
          query.val(param("expiresAt")).as("expires_at"),
        ])
        .where((row) =>
          row.not(
            row.exists(db.selectFrom("one_time_tokens").select("purpose").where("token_hash", "=", param("tokenHash"))),
          ),
        )
        .where((row) => {
          const waiting = db
            .selectFrom("one_time_tokens as waiting")
            .select((each) => each.fn.countAll<number>().as("count"))
            .where("waiting.email_normalised", "=", param("emailNormalised"))
            .where("waiting.purpose", "=", param("purpose"))
            .where("waiting.expires_at", ">", param("now"));
          return row(waiting, "<", param("most"));
        }),
    ),
);
