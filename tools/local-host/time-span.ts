const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Parses .NET's text form of a duration, `[d.]hh:mm[:ss[.fff]]`, into milliseconds; `undefined` if it is malformed. As
 * in .NET, a first number of 24 or more counts days: `24:00:00` is 24 days, and one day is `1.00:00:00`.
 */
export function parseTimeSpan(text: string): number | undefined {
  const parts = /^(?:(\d+)\.)?(\d+):(\d{1,2})(?::(\d{1,2})(\.\d{1,7})?)?$/.exec(text.trim());
  if (!parts) return undefined;
  const [days = 0, first = 0, second = 0, third = 0] = parts.slice(1, 5).map((part) => Number(part ?? 0));
  if (first >= 24 && days === 0) {
    return second < 24 && third < 60 ? first * DAY_MS + second * HOUR_MS + third * 60_000 : undefined;
  }
  if (first >= 24 || second >= 60 || third >= 60) return undefined;
  return days * DAY_MS + first * HOUR_MS + second * 60_000 + (third + Number(parts[5] ?? 0)) * 1000;
}
