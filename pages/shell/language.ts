import { localeOf, locales, type Locale } from "../../shared/platform/locale.ts";
import { ifAllowed } from "./if-allowed.ts";
import { pageSetting } from "./settings.ts";

export { localeOf, locales, type Locale };

/** Puts values into a text in the places of their names: `{email}`. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** A date and a time of day. @param instant ISO 8601 */
export function dateTime(locale: Locale, instant: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "long", timeStyle: "short" }).format(new Date(instant));
}

/** A date. */
export function dateOf(locale: Locale, date: Date): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "long" }).format(date);
}

/** How long from now, as "in 2 minutes", rounded up. */
export function within(locale: Locale, seconds: number): string {
  const format = new Intl.RelativeTimeFormat(locale);
  if (seconds < 90) return format.format(Math.ceil(seconds), "second");
  return seconds < 5400
    ? format.format(Math.ceil(seconds / 60), "minute")
    : format.format(Math.ceil(seconds / 3600), "hour");
}

const key = "latchkey page: language";

/**
 * The language of a page: what was chosen on it, else the account's, else the browser's first that there is, else the
 * service's.
 */
export function createLanguage() {
  let chosen = localeOf(ifAllowed(() => localStorage.getItem(key)));
  let ofAccount: Locale | undefined;
  const fallback = localeOf(pageSetting("default-locale"));
  const ofBrowser = navigator.languages.map(localeOf).find(Boolean);
  /** Signing out empties the browser's storage for this page; what was chosen is no secret. */
  const keep = () => {
    const text = chosen;
    if (text) ifAllowed(() => localStorage.setItem(key, text));
  };
  return {
    get locale(): Locale {
      return chosen ?? ofAccount ?? ofBrowser ?? fallback ?? "en";
    },
    choose(locale: Locale): void {
      chosen = locale;
      keep();
    },
    keep,
    /** @param tag of the account's language; null if it has none */
    follow(tag: string | null | undefined): void {
      ofAccount = localeOf(tag);
    },
  };
}
