import { BROWSER_MAP, OS_MAP, parse } from "bowser";

/** What a user agent says about its device, for people to recognise it; null where it says nothing that is known. */
export interface DeviceDescription {
  /** `iPhone`, `desktop`, `phone`, for example. */
  readonly device: string | null;
  /** `Firefox`, for example. */
  readonly browser: string | null;
  /** `Windows`, for example. */
  readonly os: string | null;
  /** Browser and device in one phrase: `Firefox on Windows`. */
  readonly label: string | null;
}

/**
 * Describes a device by its user agent, of which 400 characters are read. Anyone can send any text here, and the result
 * stands in mails: it consists of names that the library knows, or is a single word.
 */
export function describeUserAgent(userAgent: string | null | undefined): DeviceDescription {
  if (!userAgent) return unknown;
  const { browser: by, os: on, platform } = parse(userAgent.slice(0, readCharacters));
  const [browser, os, model] = [safeName(by.name), safeName(on.name), safeName(platform.model)];
  const device = model ?? kinds.get(platform.type ?? "") ?? null;
  const place = model ?? os;
  return { device, browser, os, label: browser && place ? `${browser} on ${place}` : (browser ?? place) };
}

const unknown: DeviceDescription = { device: null, browser: null, os: null, label: null };
const readCharacters = 400;

/** The library's kinds of devices, as people call them. */
const kinds: ReadonlyMap<string, string> = new Map([
  ["desktop", "desktop"],
  ["mobile", "phone"],
  ["tablet", "tablet"],
  ["tv", "TV"],
  ["bot", "bot"],
]);

const knownNames = new Set<string>([...Object.values(BROWSER_MAP), ...Object.values(OS_MAP)]);

/** A name that cannot be a message: one that the library lists, or a word. */
function safeName(name: string | undefined): string | null {
  if (!name) return null;
  return knownNames.has(name) || /^[a-z][a-z\d]{0,23}$/i.test(name) ? name : null;
}
