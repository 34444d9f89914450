import { domainToASCII, domainToUnicode } from "node:url";

/** What an address is compared by. */
export type NormalisedEmail = string;

/** The longest address that fits a mail transaction: RFC 5321, section 4.5.3.1.3, less the angle brackets. */
const maxLength = 254;
const maxLocalBytes = 64;
/** In ASCII: RFC 1035, section 2.3.4. */
const maxDomainLength = 253;
const maxRawLength = 4 * maxLength;

/** Characters that show nothing, so that two addresses look alike and a database may take them for one. */
const invisible = /\p{Default_Ignorable_Code_Point}/u;

/** The same less the two joiners, which some scripts need in a domain; UTS #46 says where they may stand. */
const invisibleInDomain = /[^\P{Default_Ignorable_Code_Point}\u200C\u200D]/u;

/** Dot-separated atoms of RFC 5322, section 3.2.3, with letters of every script (RFC 6531). Quoted local parts are refused. */
const local = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;

/**
 * What a domain is written with; UTS #46 says what it makes of it. Of ASCII only what a host name has, since the host parser
 * of URLs takes more (`%`, `/`, brackets); of dots only one.
 */
const domainText = /^(?:[a-zA-Z\d.-]|[^\p{ASCII}\p{Cc}\p{Cs}\p{Z}\u3002\uFF0E\uFF61])+$/u;

/** A label in ASCII: RFC 1123, section 2.1. */
const label = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/;

/** A last label of these is read as the end of an IPv4 address (URL Standard, "ends in a number"). */
const number = /^(?:\d+|0x[\da-f]*)$/;

/**
 * The form under which an address is unique: the local part in canonical composition (NFC) and lower case, the domain in
 * its A-labels (UTS #46), no surrounding space. In the local part compatibility forms stay apart: a dotless i is not an i, a
 * sharp s is not "ss". An address that is none (`isEmail`) has its former form.
 */
export function normaliseEmail(email: string): NormalisedEmail {
  const address = email.trim();
  const at = address.lastIndexOf("@");
  const domain = asciiDomain(address.slice(at + 1));
  const form = domain === undefined ? undefined : formerlyNormalised(address.slice(0, at + 1)) + domain;
  return form !== undefined && form.length <= maxLength ? form : formerlyNormalised(address);
}

/** The form by which releases before migration 0012 compared: the domain as it was typed, in NFC and lower case. */
export function formerlyNormalised(email: string): NormalisedEmail {
  // Lower case may decompose (capital I with a dot above), hence NFC again.
  return email.trim().normalize("NFC").toLowerCase().normalize("NFC");
}

/**
 * The forms under which a row may have this address, the likeliest first: the former one of what was typed, today's, and the
 * former one of the same domain in its own letters. One, where the domain is plain.
 */
export function formsOf(email: string): readonly string[] {
  const form = normaliseEmail(email);
  const at = form.lastIndexOf("@") + 1;
  const lettered = form.slice(0, at) + domainToUnicode(form.slice(at));
  return [...new Set([formerlyNormalised(email), form, form.includes("xn--", at) ? lettered : form])];
}

/** Whether mail could be sent to `email`, judging only by its form. Control characters and lone surrogates fail it. */
export function isEmail(email: string): boolean {
  // Before normalising, which takes quadratic time on long runs of combining marks.
  if (email.length > maxRawLength) return false;
  const address = email.trim();
  const at = address.lastIndexOf("@");
  const localPart = address.slice(0, at);
  if (at < 1 || address.length > maxLength || Buffer.byteLength(localPart) > maxLocalBytes) return false;
  if (invisible.test(localPart) || !local.test(localPart)) return false;
  const domain = asciiDomain(address.slice(at + 1));
  return domain !== undefined && formerlyNormalised(localPart).length + 1 + domain.length <= maxLength;
}

/** A mail domain of two labels or more in its A-labels; undefined for one that has none, and for what is no domain. */
function asciiDomain(domain: string): string | undefined {
  if (domain.length > maxLength || !domainText.test(domain) || invisibleInDomain.test(domain)) return undefined;
  const ascii = domainToASCII(domain);
  const labels = ascii.split(".");
  const last = labels.at(-1) ?? "";
  const isDomain = ascii.length <= maxDomainLength && labels.length > 1 && labels.every((each) => label.test(each));
  return isDomain && last.length > 1 && !number.test(last) && isCanonical(ascii) ? ascii : undefined;
}

/** Whether every A-label is the one spelling of something: what comes as ASCII the host parser does not look into. */
function isCanonical(ascii: string): boolean {
  if (!ascii.includes("xn--")) return true;
  const unicode = domainToUnicode(ascii);
  return !unicode.split(".").some((each) => each.startsWith("xn--")) && domainToASCII(unicode) === ascii;
}
