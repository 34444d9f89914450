/** The day (UTC) of an instant. */
export const dayOf = (time: string): string => time.slice(0, 10);

/** The instant at which a day begins. */
export const startOf = (day: string): string => `${day}T00:00:00.000Z`;

export const dayMilliseconds = 24 * 60 * 60 * 1000;

/** The day (UTC) for which a chain was made, which its id tells (`newId`); empty if it tells none. */
export function dayOfChain(chain: string): string {
  const milliseconds = isChainId.test(chain) ? Number.parseInt(chain.slice(-12), 16) : Number.NaN;
  return milliseconds <= lastInstant ? dayOf(new Date(milliseconds).toISOString()) : "";
}

const isChainId = /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;
const lastInstant = Date.parse("9999-12-31T23:59:59.999Z");

/** Whether a text is an instant as records have it. */
export const isInstant = (text: string): boolean => instant.test(text);

const instant = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
