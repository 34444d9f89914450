/** A JSON object from a provider. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Parses a provider's JSON. @returns undefined if it is not JSON; an object goes through `withoutEmpty` */
export function parseJson(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? withoutEmpty(value) : value;
  } catch {
    return undefined;
  }
}

/** Leaves out members that are null or empty: providers send those for what they could as well leave out. */
export function withoutEmpty(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, member]) => member !== null && member !== ""));
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A non-empty text; undefined for anything else. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** Whether a flag is set; some issuers send it as a text. */
export function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

/** The last second that a Date can hold (ECMA-262, section 21.4.1.1). */
export const latestSeconds = 8.64e12;

/** A Date from seconds since 1970; undefined if that is not a number, negative, or too large for a Date. */
export function toTime(seconds: unknown): Date | undefined {
  return typeof seconds === "number" && seconds >= 0 && seconds <= latestSeconds ? new Date(seconds * 1000) : undefined;
}
