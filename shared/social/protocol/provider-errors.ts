import { isObject, text, type JsonObject } from "./json.ts";

/** What says that the provider has trouble of its own (RFC 6749, section 4.1.2.1). */
export const outages: ReadonlySet<string> = new Set(["server_error", "temporarily_unavailable"]);

/** What says that the person there did not go through with it: OAuth's word, and others that providers have for it. */
const cancellations: ReadonlySet<unknown> = new Set([
  "access_denied",
  "user_cancelled_authorize",
  "user_cancelled_login",
  // The `error_reason` of Facebook, and the `error_subcode` of Microsoft for personal accounts.
  "user_denied",
  "cancel",
  // Of Entra, consent declined; of its B2C, a form that was left.
  "AADSTS65004",
  "AADB2C90091",
]);

/** The members by which a provider says that it sends no code, the least of them prose. */
export const errorMembers = [
  "error",
  "error_subcode",
  "error_reason",
  "error_code",
  "error_description",
  "error_message",
] as const;

/** Whether an error says that the person has cancelled. @param told a redirect's parameters or a token endpoint's answer */
export function isCancelled(told: JsonObject): boolean {
  return namedBy(told).some((code) => cancellations.has(code));
}

/**
 * All codes by which a provider names an error, as far as they may stand in a log; none of its prose, which may quote what it
 * was sent. Google and GitHub have RFC 6749's `error`. Facebook may redirect with only `error_code` and `error_message`, and
 * its APIs answer `{error: {type, code, error_subcode}}`, or of a token `subcode`. Microsoft has `error_codes` and `suberror`, and elsewhere begins its
 * `error_description` with the code.
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
