import { callOf, evaluate, type Scope, type Value } from "./evaluate.ts";
import type { SyntaxNode } from "./kusto.ts";

/** A value as the key of a group. */
export function keyOf(value: Value): string {
  return JSON.stringify(value);
}

type Aggregate = (rows: readonly Scope[], args: readonly SyntaxNode[]) => Value;

const values = (rows: readonly Scope[], expression: SyntaxNode | undefined): Value[] => {
  if (!expression) throw new Error("an argument is missing");
  return rows.map((row) => evaluate(expression, row));
};

/** The distinct ones of some texts. An empty text counts, as in Kusto: a query leaves it out by itself. */
const distinct = (found: readonly Value[]): string[] => [...new Set(found.map(String))];

const isTrue = (rows: readonly Scope[], condition: SyntaxNode | undefined) =>
  rows.filter((row) => condition && evaluate(condition, row) === true);

function extreme(found: readonly Value[], isBetter: (one: number, than: number) => boolean): Value {
  const times = found.map((value) => {
    if (value instanceof Date) return value.getTime();
    throw new Error("min() and max() take times");
  });
  const best = times.reduce<number | undefined>(
    (so, one) => (so === undefined || isBetter(one, so) ? one : so),
    undefined,
  );
  return best === undefined ? null : new Date(best);
}

const aggregates: Readonly<Record<string, Aggregate>> = {
  count: (rows) => rows.length,
  countif: (rows, [condition]) => isTrue(rows, condition).length,
  dcount: (rows, [expression]) => distinct(values(rows, expression)).length,
  dcountif: (rows, [expression, condition]) => distinct(values(isTrue(rows, condition), expression)).length,
  sum: (rows, [expression]) => values(rows, expression).reduce<number>((total, one) => total + Number(one ?? 0), 0),
  min: (rows, [expression]) => extreme(values(rows, expression), (one, than) => one < than),
  max: (rows, [expression]) => extreme(values(rows, expression), (one, than) => one > than),
  make_set: (rows, [expression]) => distinct(values(rows, expression)),
  make_set_if: (rows, [expression, condition]) => distinct(values(isTrue(rows, condition), expression)),
  take_any: (rows, [expression]) => values(rows.slice(0, 1), expression)[0] ?? null,
};

/** The value of an aggregate over the rows of a group. @throws Error for what is not supported */
export function aggregate(expression: SyntaxNode, rows: readonly Scope[]): Value {
  const { name, args } = callOf(expression);
  const work = aggregates[name];
  if (!work) throw new Error(`${name}() is not supported`);
  return work(rows, args);
}
