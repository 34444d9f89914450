/** The languages of mails and pages, as BCP 47 tags. */
export const locales = ["en", "de", "fr", "es", "zh-Hant"] as const;

export type Locale = (typeof locales)[number];

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
