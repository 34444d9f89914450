import { createHmac, randomInt, timingSafeEqual } from "node:crypto";
import { deriveKey } from "./derive.ts";

/** A code of six digits, for people who type it from a mail. */
export const newShortCode = (): string => String(randomInt(10 ** codeDigits)).padStart(codeDigits, "0");

const codeDigits = 6;

/** Hashes codes with a key: there are so few that a plain hash would tell who reads the table which it is. */
export interface CodeHasher {
  /** @param salt what the code belongs to, so that equal codes have different hashes */
  hash(code: string, salt: Buffer): Buffer;
  matches(code: string, kept: { readonly salt: Buffer; readonly hash: Buffer }): boolean;
}

export interface CodeHasherOptions {
  /** Tells the key from those of other codes. */
  readonly purpose: string;
  readonly secretKey: string;
  /** Recognises codes from before `SECRET_KEY` was rotated. */
  readonly previousSecretKey?: string | undefined;
}

export function createCodeHasher({ purpose, secretKey, previousSecretKey }: CodeHasherOptions): CodeHasher {
  const current = deriveKey(secretKey, purpose);
  const keys = previousSecretKey === undefined ? [current] : [current, deriveKey(previousSecretKey, purpose)];
  return {
    hash: (code, salt) => hashUnder(current, code, salt),
    matches: (code, { salt, hash }) => keys.some((key) => timingSafeEqual(hashUnder(key, code, salt), hash)),
  };
}

function hashUnder(key: Buffer, code: string, salt: Buffer): Buffer {
  return createHmac("sha256", key).update(salt).update(code).digest();
}
