import { createHmac, hash, randomInt, timingSafeEqual } from "node:crypto";
import { deriveKey } from "../platform/crypto/derive.ts";
import { randomToken } from "../platform/crypto/random.ts";

/** What a mail carries: 256 random bits for the link, and for those who type, a code of six digits. */
export interface OneTimeSecret {
  readonly token: string;
  readonly code?: string;
}

/** A new secret. Make it outside the transaction, so that a repeated transaction issues the same. */
export function newOneTimeSecret(): { readonly token: string; readonly code: string } {
  return { token: randomToken(), code: String(randomInt(10 ** codeDigits)).padStart(codeDigits, "0") };
}

const codeDigits = 6;

/** The SHA-256 of a token's text as sent: another spelling of the same bits is unknown. */
export function hashOneTimeToken(token: string): Buffer {
  return hash("sha256", token, "buffer");
}

/** Hashes codes with a key: there are so few that a plain hash would tell who reads the table which it is. */
export interface CodeHasher {
  hash(code: string, tokenHash: Buffer): Buffer;
  matches(code: string, row: { readonly token_hash: Buffer; readonly code_hash: Buffer }): boolean;
}

/** @param previousSecretKey recognises codes from before `SECRET_KEY` was rotated */
export function createCodeHasher(secretKey: string, previousSecretKey?: string): CodeHasher {
  const keys = [secretKey, previousSecretKey].flatMap((secret) => (secret === undefined ? [] : [keyOf(secret)]));
  const [current = Buffer.alloc(0)] = keys;
  return {
    hash: (code, tokenHash) => hashUnder(current, code, tokenHash),
    matches: (code, { token_hash: tokenHash, code_hash: codeHash }) =>
      keys.some((key) => timingSafeEqual(hashUnder(key, code, tokenHash), codeHash)),
  };
}

const keyOf = (secretKey: string): Buffer => deriveKey(secretKey, "one-time codes v1");

/** The token's hash is part of it, so that equal codes have different hashes. */
function hashUnder(key: Buffer, code: string, tokenHash: Buffer): Buffer {
  return createHmac("sha256", key).update(tokenHash).update(code).digest();
}
