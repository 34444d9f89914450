/** The languages of mails and pages, as BCP 47 tags. */
export const locales = ["en", "de", "fr", "es", "zh-Hant"] as const;

export type Locale = (typeof locales)[number];

/** The language to write to an account in: its own, else the caller's. */
export function localeFor(account: { readonly locale: string | null } | undefined, caller: Locale): Locale {
  return localeOf(account?.locale) ?? caller;
}

/**
 * Finds the language to write in for a BCP 47 tag: the one with the same primary language (`de-AT` is read as `de`, every
 * Chinese as `zh-Hant`).
 * @returns undefined if none fits
 */
export function localeOf(tag: string | null | undefined): Locale | undefined {
  const dash = tag?.indexOf("-") ?? -1;
  const primary = (dash === -1 ? tag : tag?.slice(0, dash))?.toLowerCase();
  return primary === "zh" ? "zh-Hant" : locales.find((locale) => locale === primary);
}
