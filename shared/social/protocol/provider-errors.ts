import { isObject, text, type JsonObject } from "./json.ts";

/** The codes of a provider's own problems (RFC 6749, section 4.1.2.1). */
export const outages: ReadonlySet<string> = new Set(["server_error", "temporarily_unavailable"]);

/** The codes for a person who cancelled: OAuth's, and those that providers made up. */
const cancellations: ReadonlySet<unknown> = new Set([
  "access_denied",
  "user_cancelled_authorize",
  "user_cancelled_login",
  // Facebook's `error_reason`, and Microsoft's `error_subcode` for personal accounts.
  "user_denied",
  "cancel",
  // Entra: consent declined. Entra B2C: the form was left.
  "AADSTS65004",
  "AADB2C90091",
]);

/** The members in which a provider says that it sends no code; prose comes last. */
export const errorMembers = [
  "error",
  "error_subcode",
  "error_reason",
  "error_code",
  "error_description",
  "error_message",
] as const;

/**
 * Whether an error means that the person cancelled. @param told a redirect's parameters or a token endpoint's answer
 */
export function isCancelled(told: JsonObject): boolean {
  return namedBy(told).some((code) => cancellations.has(code));
}

/**
 * The codes in a provider's error that may be logged; none of its prose, which may quote what was sent. Google and
 * GitHub have RFC 6749's `error`. Facebook may redirect with `error_code` and `error_message` only, and its APIs answer
 * `{error: {type, code, error_subcode}}`, or for a token `subcode`. Microsoft has `error_codes` and `suberror`, and
 * elsewhere starts its `error_description` with the code.
 */
export function codesOf(told: JsonObject): string {
  const codes = namedBy(told)
    .map(String)
    .filter((code) => /^[\w.-]{1,64}$/.test(code));
  return codes.length === 0 ? "no code" : codes.join(" ");
}

function namedBy(told: JsonObject): (string | number)[] {
  const { error } = told;
  const own = isObject(error) ? [error["type"], error["code"], error["error_subcode"], error["subcode"]] : [error];
  const { suberror, error_subcode: subcode, error_reason: reason, error_code: code, error_codes: list } = told;
  const described = /^AAD(?:STS|B2C)\d{1,8}/.exec(text(told["error_description"]) ?? "")?.[0];
  const numbers = Array.isArray(list) ? list.slice(0, 4) : [];
  return [...own, subcode, suberror, reason, code, ...numbers, described].filter(
    (one) => typeof one === "string" || typeof one === "number",
  );
}
