/**
 * Why `password` cannot be chosen, as a sentence for the person; undefined if it can. Length is the only rule: 15 code
 * points unless configured (NIST SP 800-63B-4, section 3.1.1.2; ASVS 6.2.1, 6.2.5).
 */
export function passwordFault(password: string, minLength: number): string | undefined {
  if (!password.isWellFormed()) return "must be valid Unicode text";
  if (Buffer.byteLength(password) > maxRawBytes) return tooLong;
  const normalised = normalisePassword(password);
  if (Array.from(normalised).length < minLength) return `must have at least ${minLength} characters`;
  if (Buffer.byteLength(normalised) > maxBytes) return tooLong;
  return undefined;
}

/** The longest password to hash, in UTF-8 bytes after normalisation, so that hashing stays cheap. */
const maxBytes = 1024;

/**
 * Longer texts are refused before normalisation: NFC shortens a text to a third at most, and takes quadratic time on
 * long runs of combining marks.
 */
const maxRawBytes = 3 * maxBytes;

const tooLong = `must have at most ${maxBytes} bytes`;

/**
 * The form of a password that is counted, hashed and verified: NFC, otherwise unchanged. Spaces, NUL and every byte
 * count (NIST SP 800-63B-4, section 3.1.1.2; ASVS 6.2.8).
 */
export function normalisePassword(password: string): string {
  return password.normalize("NFC");
}

/** Whether any account could have this password. Sign-in refuses all others before doing any work. */
export function isPossiblePassword(password: string): boolean {
  return passwordFault(password, 0) === undefined;
}
