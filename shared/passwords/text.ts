/**
 * Why no account can have this password, as a sentence for the person; undefined if one can. Sign-in refuses such a
 * text before doing any work.
 */
export function textFault(password: string): string | undefined {
  if (!password.isWellFormed()) return "must be valid Unicode text";
  const isLong = Buffer.byteLength(password) > maxRawBytes || Buffer.byteLength(normalisePassword(password)) > maxBytes;
  return isLong ? `must have at most ${maxBytes} bytes` : undefined;
}

/** The longest password to hash, in UTF-8 bytes after normalisation, so that hashing stays cheap. */
const maxBytes = 1024;

/**
 * Longer texts are refused before normalisation: NFC shortens a text to a third at most, and takes quadratic time on
 * long runs of combining marks.
 */
const maxRawBytes = 3 * maxBytes;

/**
 * The form of a password that is counted, hashed and verified: NFC, otherwise unchanged. Spaces, NUL and every byte
 * count (NIST SP 800-63B-4, section 3.1.1.2; ASVS 6.2.8).
 */
export function normalisePassword(password: string): string {
  return password.normalize("NFC");
}

/** A password's length in code points (NIST SP 800-63B-4, section 3.1.1.2). */
export function lengthOf(password: string): number {
  return Array.from(normalisePassword(password)).length;
}

/** Whether any account could have this password. */
export function isPossiblePassword(password: string): boolean {
  return textFault(password) === undefined;
}
