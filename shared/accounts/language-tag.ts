/** The longest tag that is stored; RFC 5646, section 4.4.1, asks for no more. */
const maxLength = 35;

/**
 * The canonical form of a BCP 47 language tag: `de-at` is `de-AT`, and an outdated name gives way to today's.
 * @returns undefined for a text that is no tag, or a longer one than can be stored
 */
export function canonicalTag(text: string): string | undefined {
  if (text.length > maxLength) return undefined;
  try {
    const [tag] = Intl.getCanonicalLocales(text);
    return tag !== undefined && tag.length <= maxLength ? tag : undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
