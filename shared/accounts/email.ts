/** What an address is compared by. */
export type NormalisedEmail = string;

/** The longest address that fits a mail transaction: RFC 5321, section 4.5.3.1.3, less the angle brackets. */
const maxLength = 254;
const maxLocalBytes = 64;
const maxRawLength = 4 * maxLength;

/** Characters that show nothing, so that two addresses look alike and a database may take them for one. */
const invisible = /\p{Default_Ignorable_Code_Point}/u;

/** Dot-separated atoms of RFC 5322, section 3.2.3, with letters of every script (RFC 6531). Quoted local parts are refused. */
const local = /^[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+(?:\.[\p{L}\p{M}\p{N}!#$%&'*+/=?^_`{|}~-]+)*$/u;

/** Two or more labels of letters, digits and inner hyphens. */
const domain =
  /^(?:[\p{L}\p{M}\p{N}](?:[\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}])?\.)+[\p{L}\p{M}\p{N}][\p{L}\p{M}\p{N}-]{0,61}[\p{L}\p{M}\p{N}]$/u;

/**
 * The form under which an address is unique: canonical composition (NFC), lower case, no surrounding space.
 * Compatibility forms stay apart: a dotless i is not an i, a sharp s is not "ss".
 */
export function normaliseEmail(email: string): NormalisedEmail {
  // Lower case may decompose (capital I with a dot above), hence NFC again.
  return email.trim().normalize("NFC").toLowerCase().normalize("NFC");
}

/** Whether mail could be sent to `email`, by its form alone. Control characters and lone surrogates fail it. */
export function isEmail(email: string): boolean {
  // Before normalising, which takes quadratic time on long runs of combining marks.
  if (email.length > maxRawLength || invisible.test(email)) return false;
  const address = email.trim();
  const at = address.lastIndexOf("@");
  if (at < 1 || Math.max(address.length, normaliseEmail(address).length) > maxLength) return false;
  const localPart = address.slice(0, at);
  return Buffer.byteLength(localPart) <= maxLocalBytes && local.test(localPart) && domain.test(address.slice(at + 1));
}
