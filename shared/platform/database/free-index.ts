import { randomInt } from "node:crypto";
import type { Kysely, SelectQueryBuilder } from "kysely";
import { ApiError } from "../errors/api-error.ts";
import type { Queries } from "./database.ts";
import type { ParameterOf } from "./prepared.ts";

/** A range of indexes, including both ends, and how many of its rows to read at a time. */
export interface IndexSlice {
  readonly first: number;
  readonly last: number;
  readonly limit: number;
}

/** Random numbers below 2^31, by their parameter names in a prepared query. */
export type Draws = Readonly<Record<(typeof drawNames)[number], number>>;

/**
 * Takes an index that no row has, in one statement whatever the number of rows: see `candidates`. Numbers are random,
 * so that racing callers do not collide and an index says nothing about its neighbours.
 * @param take writes the row with the first free candidate. It returns the row's index, which is another one if an
 * earlier run wrote the row; or undefined if none was free or someone else took it at that moment
 * @throws ApiError OVERLOADED if two billion rows have left none
 */
export async function claimIndex(take: (draws: Draws) => Promise<number | undefined>): Promise<number> {
  for (let attempts = 1; attempts <= mostAttempts; attempts += 1) {
    const index = await take(draw());
    if (index !== undefined) return index;
  }
  throw new ApiError("OVERLOADED", { cause: new Error("no index was found that is free") });
}

/** All indexes that fit an `int`. */
export const allIndexes: IndexSlice = { first: 0, last: 2 ** 31 - 1, limit: 2 ** 31 - 1 };

const drawNames = ["draw0", "draw1", "draw2", "draw3", "draw4", "draw5"] as const;

const largest = 2 ** 31 - 1;

/** The ranges that indexes are taken from, as masks: below 2^16, 2^17, … up to 2^31, which is what an `int` holds. */
const masks = Array.from({ length: 16 }, (_, step) => 2 ** (16 + step) - 1);

/** One is enough, unless someone else draws the same index at the same moment. */
const mostAttempts = 8;

/** The bits that say in which half of each range beyond the first an index is. */
const halves = largest - (2 ** 16 - 1);

/**
 * Of each pair, one number is in the upper half of every range beyond the first, so that a full range does not hide the
 * next.
 */
function draw(): Draws {
  const number = () => randomInt(largest + 1);
  const beside = (other: number) => (number() & ~halves) | (~other & halves);
  const [draw0, draw2, draw4] = [number(), number(), number()];
  return { draw0, draw1: beside(draw0), draw2, draw3: beside(draw2), draw4, draw5: beside(draw4) };
}

/**
 * The candidates of some draws, six from each range, as a table for `from`. They are tried in order of `mask` and
 * `place`, and the first free one is taken. A range therefore fills to about nine tenths before many go to the next,
 * which is twice as large; and an index freed in a small range is taken first.
 */
export function candidates<T>(db: Kysely<T>, param: ParameterOf<Draws>) {
  const rows = db as unknown as Queries;
  const draws = drawNames.map((name, place) =>
    rows.selectNoFrom((row) => [row.val(param(name)).as("number"), row.lit(place).as("place")]),
  );
  const ranges = masks.map((mask) => rows.selectNoFrom((row) => row.lit(mask).as("mask")));
  return rows
    .selectFrom(unionOf(draws).as("draws"))
    .crossJoin(unionOf(ranges).as("ranges"))
    .select((range) => range("number", "&", range.ref("mask")).as("candidate"))
    .select(["mask", "place"])
    .as("candidates");
}

/** A table with this column; the caller says which. */
type Indexed = { rows: { status_index: number | null } };

/**
 * The first candidate that no row of `table` has as its `status_index`: a query of one row, as `candidate`, or none.
 */
export function firstFree<T>(db: Kysely<T>, table: keyof T & string, param: ParameterOf<Draws>) {
  const taken = `${table} as taken` as "rows as taken";
  return (db as unknown as Kysely<Indexed>)
    .selectFrom(candidates(db, param))
    .select("candidate")
    .where((query) => {
      const row = query.selectFrom(taken).select("taken.status_index").whereRef("taken.status_index", "=", "candidate");
      // Lets SQL Server use an index that holds no nulls.
      return query.not(query.exists(row.where("taken.status_index", "is not", null)));
    })
    .orderBy("mask")
    .orderBy("place")
    .limit(1);
}

function unionOf<T, R>(queries: readonly SelectQueryBuilder<T, never, R>[]): SelectQueryBuilder<T, never, R> {
  return queries.reduce((all, next) => all.unionAll(next));
}
