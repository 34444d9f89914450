/** Reads `--days` of a report about what is not used. @throws Error with the rule */
export function readDays(text: string): number {
  const days = /^[1-9]\d{0,3}$/.test(text) ? Number(text) : 0;
  if (days < 1 || days > 3650) throw new Error("--days takes a whole number from 1 to 3650");
  return days;
}

/** An instant as reports show it, in UTC and to the second. */
export const show = (instant: Date): string => instant.toISOString().replace(/\.\d+Z$/, "Z");
