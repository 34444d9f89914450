import { hash, randomBytes } from "node:crypto";

/** How many codes a person gets at a time. */
export const recoveryCodeCount = 10;

/**
 * New recovery codes: 120 random bits each, in Crockford's base32, `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`. From 112 bits on a plain
 * hash keeps them (ASVS 6.5.2).
 */
export function newRecoveryCodes(): string[] {
  return Array.from({ length: recoveryCodeCount }, () => grouped(encode(randomBytes(codeBytes))));
}

/**
 * The SHA-256 of a code as a person typed it: the case, and whatever stands between the characters, do not matter, and
 * neither do letters that look like digits.
 * @returns undefined if it cannot be a code
 */
export function hashRecoveryCode(typed: string): Buffer | undefined {
  if (typed.length > longestTyped) return undefined;
  const plain = typed
    .toUpperCase()
    .replaceAll(/[\s\p{Pd}]/gu, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  return isCode.test(plain) ? hash("sha256", plain, "buffer") : undefined;
}

/** Crockford's: without I, L, O and U. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const codeBytes = 15;
const isCode = /^[0-9A-HJKMNP-TV-Z]{24}$/;
const longestTyped = 100;

/** 40 bits are eight characters. */
function encode(bytes: Buffer): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 5) {
    const number = bytes.readUIntBE(start, 5);
    for (let place = 7; place >= 0; place -= 1) text += alphabet[Math.floor(number / 32 ** place) % 32];
  }
  return text;
}

const grouped = (text: string): string => text.match(/.{4}/g)?.join("-") ?? text;
