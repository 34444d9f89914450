/** A JSON object that a provider has answered. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Reads what a provider says. @returns undefined for what is no JSON; an object `withoutEmpty` members */
export function parseJson(json: string): unknown {
  try {
    const value: unknown = JSON.parse(json);
    return isObject(value) ? withoutEmpty(value) : value;
  } catch {
    return undefined;
  }
}

/** Leaves out what is null or empty: a provider writes so what it could as well leave out. */
export function withoutEmpty(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, member]) => member !== null && member !== ""));
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A member that is a text with something in it; undefined for anything else. */
export function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** A flag that is set; some issuers write it as a text. */
export function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

/** The last second that a Date holds (ECMA-262, section 21.4.1.1). */
export const latestSeconds = 8.64e12;

/** When something has happened, from seconds since 1970; undefined for what is no number, before 1970, or no Date. */
export function toTime(seconds: unknown): Date | undefined {
  return typeof seconds === "number" && seconds >= 0 && seconds <= latestSeconds ? new Date(seconds * 1000) : undefined;
}
