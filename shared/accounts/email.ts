import { domainToASCII, domainToUnicode } from "node:url";

/** The form that addresses are compared in. */
export type NormalisedEmail = string;

/**
 * The form in which an address is unique: local part in NFC and lower case, domain in A-labels (UTS #46), no
 * surrounding space. Compatibility forms in the local part stay different: a dotless i is not an i, a sharp s is not
 * "ss". A text that is not an address (`isEmail`) is returned in its former form.
 */
export function normaliseEmail(email: string): NormalisedEmail {
  const address = email.trim();
  const at = address.lastIndexOf("@");
  const domain = asciiDomain(address.slice(at + 1));
  const form = domain === undefined ? undefined : formerlyNormalised(address.slice(0, at + 1)) + domain;
  return form !== undefined && form.length <= maxLength ? form : formerlyNormalised(address);
}

/** The longest address that fits a mail transaction: RFC 5321, section 4.5.3.1.3, without the angle brackets. */
const maxLength = 254;
const maxLocalBytes = 64;
/** In ASCII: RFC 1035, section 2.3.4. */
const maxDomainLength = 253;
const maxRawLength = 4 * maxLength;

/** Invisible characters: they make two addresses look alike, and a database may ignore them. */
const invisible = /\p{Default_Ignorable_Code_Point}/u;

/** The same without the two joiners, which some scripts need in a domain; UTS #46 says where they may be. */
const invisibleInDomain = /[^\P{Default_Ignorable_Code_Point}\u200C\u200D]/u;

/**
 * Dot-separated atoms (RFC 5322, section 3.2.3), with letters of every script (RFC 6531). Quoted local parts are
 * refused.
 */
const local = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;

/**
 * The characters of a domain before UTS #46 processing. Of ASCII only those of host names, because the URL host parser
 * accepts more (`%`, `/`, brackets); of dots only the ASCII one.
 */
const domainText = /^(?:[a-zA-Z\d.-]|[^\p{ASCII}\p{Cc}\p{Cs}\p{Z}\u3002\uFF0E\uFF61])+$/u;

/** An ASCII label: RFC 1123, section 2.1. */
const label = /^[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?$/;

/** A last label like this is parsed as the end of an IPv4 address (URL Standard, "ends in a number"). */
const number = /^(?:\d+|0x[\da-f]*)$/;

/** The form in which releases before migration 0012 compared addresses: the domain as typed, in NFC and lower case. */
export function formerlyNormalised(email: string): NormalisedEmail {
  // Lower case may decompose (capital I with a dot above), hence NFC again.
  return email.trim().normalize("NFC").toLowerCase().normalize("NFC");
}

/**
 * The forms in which a row may have this address, the likeliest first: the former form of what was typed, the current
 * form, and the former form of the same domain in its own letters. Just one for a plain ASCII domain.
 */
export function formsOf(email: string): readonly string[] {
  const form = normaliseEmail(email);
  const at = form.lastIndexOf("@") + 1;
  const lettered = form.slice(0, at) + domainToUnicode(form.slice(at));
  return [...new Set([formerlyNormalised(email), form, form.includes("xn--", at) ? lettered : form])];
}

/** Whether `email` has the form of a mail address. Control characters and lone surrogates fail. */
export function isEmail(email: string): boolean {
  // Checked before normalising, which takes quadratic time on long runs of combining marks.
  if (email.length > maxRawLength) return false;
  const address = email.trim();
  const at = address.lastIndexOf("@");
  const localPart = address.slice(0, at);
  if (at < 1 || address.length > maxLength || Buffer.byteLength(localPart) > maxLocalBytes) return false;
  if (invisible.test(localPart) || !local.test(localPart)) return false;
  const domain = asciiDomain(address.slice(at + 1));
  return domain !== undefined && formerlyNormalised(localPart).length + 1 + domain.length <= maxLength;
}

/** The A-labels of a mail domain with at least two labels; undefined if it is not a valid one. */
function asciiDomain(domain: string): string | undefined {
  if (domain.length > maxLength || !domainText.test(domain) || invisibleInDomain.test(domain)) return undefined;
  const ascii = domainToASCII(domain);
  const labels = ascii.split(".");
  const last = labels.at(-1) ?? "";
  const isDomain = ascii.length <= maxDomainLength && labels.length > 1 && labels.every((each) => label.test(each));
  return isDomain && last.length > 1 && !number.test(last) && isCanonical(ascii) ? ascii : undefined;
}

/** Whether every A-label is the canonical spelling: the host parser does not check labels that are already ASCII. */
function isCanonical(ascii: string): boolean {
  if (!ascii.includes("xn--")) return true;
  const unicode = domainToUnicode(ascii);
  return !unicode.split(".").some((each) => each.startsWith("xn--")) && domainToASCII(unicode) === ascii;
}
