import type { Figures } from "./measurements.ts";
import { median } from "./statistics.ts";

/** The measurements by name: the figures of each round. */
export type Results = ReadonlyMap<string, readonly Figures[]>;

type Kind = keyof Figures;

/** A target for a ratio or a single figure. */
interface Goal {
  readonly name: string;
  /** Computes it from the figures of one round. */
  readonly of: (find: (name: string, kind: Kind) => number) => number;
  /** The same from the server's CPU time, which is more reliable when others use the machine. */
  readonly byCpu?: Goal["of"];
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** The ratio of two measurements' answers per second. */
function rate(one: string, other: string, bounds: Pick<Goal, "atLeast" | "atMost">): Goal {
  return {
    name: `${one} / ${other}`,
    of: (find) => find(one, "perSecond") / find(other, "perSecond"),
    byCpu: (find) => find(other, "cpu") / find(one, "cpu"),
    ...bounds,
  };
}

const goals: readonly Goal[] = [
  rate("trivial function", "bare node:http", { atLeast: 0.14 }),
  rate("GET jwks", "trivial function", { atLeast: 0.8 }),
  rate("GET me", "trivial function", { atLeast: 0.65 }),
  { name: "GET me, p99 / p50", of: (find) => find("GET me", "p99") / find("GET me", "p50"), atMost: 4 },
  rate("refresh RS256", "trivial function", { atLeast: 0.3 }),
  rate("refresh ES256", "trivial function", { atLeast: 0.35 }),
  rate("login", "bare verification and RS256", { atLeast: 0.95 }),
  rate("login, unknown address", "login, wrong password", { atLeast: 0.9, atMost: 1.1 }),
  {
    name: "import of all functions, ms",
    of: (find) => find("import of all functions", "p50"),
    byCpu: (find) => find("import of all functions", "cpu"),
    atMost: 60,
  },
];

/** The goals as lines of a table: the median of the rounds, the lowest and highest, and whether it was reached. */
export function describeGoals(results: Results): string[] {
  const head = columns(["goal", "median", "range", "by CPU time", "target", ""]);
  return [head, ...goals.filter(({ of }) => isMeasured(of, results)).map((goal) => describe(goal, results))];
}

function isMeasured(of: Goal["of"], results: Results): boolean {
  return inEachRound(of, results).every((figure) => !Number.isNaN(figure));
}

function describe({ name, of, byCpu, atLeast, atMost }: Goal, results: Results): string {
  const figures = inEachRound(of, results);
  const middle = median(figures);
  const isReached = middle >= (atLeast ?? 0) && middle <= (atMost ?? Number.POSITIVE_INFINITY);
  const bounds = [atLeast !== undefined && `at least ${atLeast}`, atMost !== undefined && `at most ${atMost}`];
  return columns([
    name,
    show(middle),
    `${show(Math.min(...figures))} ${show(Math.max(...figures))}`,
    byCpu ? show(median(inEachRound(byCpu, results))) : "",
    bounds.filter(Boolean).join(", "),
    isReached ? "reached" : "not reached",
  ]);
}

function columns(cells: readonly string[]): string {
  const widths = [48, 8, 14, 13, 27, 0];
  return cells.map((cell, place) => cell.padEnd(widths[place] ?? 0)).join(" ");
}

function inEachRound(of: Goal["of"], results: Results): number[] {
  const [first = []] = results.values();
  return first.map((_, round) => of((name, kind) => results.get(name)?.[round]?.[kind] ?? Number.NaN));
}

/** A figure with three or four digits. */
export function show(figure: number): string {
  if (figure < 10) return figure.toFixed(3);
  return figure < 1000 ? figure.toFixed(1) : figure.toFixed(0);
}
