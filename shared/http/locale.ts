import { localeOf, type Locale } from "../platform/locale.ts";
import { splitUnquoted } from "./header-text.ts";

/**
 * The first of our languages that an `Accept-Language` asks for, by weight and then by order (RFC 9110, section 12.5.4).
 * @returns undefined if it asks for none of them
 */
export function preferredLocale(acceptLanguage: string | null): Locale | undefined {
  const ranges = splitUnquoted(acceptLanguage ?? "", ",").flatMap((range) => {
    const [tag = "", ...parameters] = splitUnquoted(range, ";");
    const weight = parameters.length === 0 ? 1 : readWeight(parameters[0] ?? "");
    const locale = localeOf(tag);
    return locale !== undefined && weight > 0 ? [{ locale, weight }] : [];
  });
  return ranges.toSorted((one, other) => other.weight - one.weight)[0]?.locale;
}

/** 0 if malformed. */
function readWeight(parameter: string): number {
  const text = /^q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/i.exec(parameter)?.[1];
  return text === undefined ? 0 : Number(text);
}
