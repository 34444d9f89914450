import type { Connection, Request, TYPES } from "tedious";

/** What is used of the driver's package, which is loaded at the first query. */
export interface Tedious {
  readonly Connection: typeof Connection;
  readonly Request: typeof Request;
  readonly TYPES: typeof TYPES;
}

type Type = (typeof TYPES)[keyof typeof TYPES];

interface Binding {
  readonly type: Type;
  readonly length?: number;
  readonly scale?: number;
}

/** The longest values that are not of a `max` type: characters, and bytes. */
const longestText = 4000;
const longestBinary = 8000;

/** Adds the values to a request as `@1`, `@2`, …, each with the type that its JavaScript type calls for. */
export function addParameters(tedious: Tedious, request: Request, values: readonly unknown[]): void {
  for (const [index, value] of values.entries()) {
    const { type, ...options } = bindingOf(tedious, value);
    request.addParameter(String(index + 1), type, value, options);
  }
}

/**
 * A declared length is the type's own, not the value's: a text of each length would get a plan of its own. A null has no
 * type to go by and goes as text, which every type but varbinary takes: there, write the null into the query.
 * A `bigint` column comes back as text, as tedious gives it: what fits an `int` belongs in one.
 */
function bindingOf({ TYPES }: Tedious, value: unknown): Binding {
  if (value === null || value === undefined) return { type: TYPES.NVarChar, length: longestText };
  if (typeof value === "string")
    return { type: TYPES.NVarChar, ...(value.length <= longestText && { length: longestText }) };
  if (typeof value === "boolean") return { type: TYPES.Bit };
  // Three digits of a second, as the columns have: legacy DATETIME would round them to 3 1/3 ms.
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
