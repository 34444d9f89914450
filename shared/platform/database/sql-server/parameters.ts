import type { Connection, Request, TYPES } from "tedious";

/** The parts of the driver's package that are used; it is loaded at the first query. */
export interface Tedious {
  readonly Connection: typeof Connection;
  readonly Request: typeof Request;
  readonly TYPES: typeof TYPES;
}

/** Adds the values to a request as `@1`, `@2`, …, each with a type that follows from its JavaScript type. */
export function addParameters(tedious: Tedious, request: Request, values: readonly unknown[]): void {
  for (const [index, value] of values.entries()) {
    const { type, ...options } = bindingOf(tedious, value);
    request.addParameter(String(index + 1), type, value, options);
  }
}

type Type = (typeof TYPES)[keyof typeof TYPES];

interface Binding {
  readonly type: Type;
  readonly length?: number;
  readonly scale?: number;
}

/** The longest values of types other than `max`: in characters, and in bytes. */
const longestText = 4000;
const longestBinary = 8000;

/**
 * Lengths are the type's maximum, not the value's length, so that texts of different lengths share a plan. A null goes
 * as text, which every type except varbinary accepts; for varbinary, write the null into the query. tedious returns a
 * `bigint` column as text: use `int` for what fits one.
 */
function bindingOf({ TYPES }: Tedious, value: unknown): Binding {
  if (value === null || value === undefined) return { type: TYPES.NVarChar, length: longestText };
  if (typeof value === "string")
    return { type: TYPES.NVarChar, ...(value.length <= longestText && { length: longestText }) };
  if (typeof value === "boolean") return { type: TYPES.Bit };
  // Three digits of a second, like the columns: the legacy DATETIME would round to 3 1/3 ms.
  if (value instanceof Date) return { type: TYPES.DateTime2, scale: 3 };
  if (Buffer.isBuffer(value))
    return { type: TYPES.VarBinary, ...(value.length <= longestBinary && { length: longestBinary }) };
  if (typeof value === "number" && !Number.isInteger(value)) return { type: TYPES.Float };
  if (typeof value === "number" || typeof value === "bigint") return { type: isInt(value) ? TYPES.Int : TYPES.BigInt };
  throw new TypeError(`a ${typeof value} cannot be a parameter of a query`);
}

function isInt(value: number | bigint): boolean {
  return value >= -(2 ** 31) && value < 2 ** 31;
}
