/** Whether a route parameter's value is allowed. */
export type Constraint = (value: string) => boolean;

const matches =
  (pattern: RegExp): Constraint =>
  (value) =>
    pattern.test(value);

/** Allows whole numbers from `least` to `most`. */
const whole =
  (least: bigint, most: bigint): Constraint =>
  (value) => {
    if (!/^[+-]?\d{1,30}$/.test(value)) return false;
    const number = BigInt(value.replace("+", ""));
    return number >= least && number <= most;
  };

const LONGEST = 2n ** 63n;
const long = whole(-LONGEST, LONGEST - 1n);
const real = matches(/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i);

const PLAIN: ReadonlyMap<string, Constraint> = new Map([
  ["int", whole(-(2n ** 31n), 2n ** 31n - 1n)],
  ["long", long],
  ["decimal", matches(/^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/)],
  ["double", real],
  ["float", real],
  ["bool", matches(/^(?:true|false)$/i)],
  ["guid", matches(/^(?:[\da-f]{32}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})$/i)],
  ["alpha", matches(/^[a-z]*$/i)],
]);

const BOUNDED: ReadonlyMap<string, (first: number, second: number) => Constraint> = new Map([
  ["min", (least) => (value) => long(value) && Number(value) >= least],
  ["max", (most) => (value) => long(value) && Number(value) <= most],
  ["range", (least, most) => (value) => long(value) && Number(value) >= least && Number(value) <= most],
  ["minlength", (least) => (value) => value.length >= least],
  ["maxlength", (most) => (value) => value.length <= most],
  ["length", (least, most) => (value) => value.length >= least && value.length <= most],
]);

/**
 * The check for one of ASP.NET's inline route constraints: `int`, `guid`, `min(1)`, `length(2,5)` … @throws Error if it
 * is unknown here
 */
export function createConstraint(text: string): Constraint {
  const [, name = "", , first, second] = /^(\w+)(\((-?\d+)(?:,\s*(-?\d+))?\))?$/.exec(text) ?? [];
  const check = first === undefined ? PLAIN.get(name) : BOUNDED.get(name)?.(Number(first), Number(second ?? first));
  if (!check) throw new Error(`The route constraint "${text}" is unknown.`);
  return check;
}
