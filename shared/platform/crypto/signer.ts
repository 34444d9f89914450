import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import { deriveKey } from "./derive.ts";

/** Signs texts that come back to the service, with HMAC-SHA-256. */
export interface Signer {
  /** The signature in base64url: 43 characters. */
  sign(text: string): string;
  /** Whether this is the signature of the text, by the present key or the one before it. */
  isSigned(text: string, signature: string): boolean;
}

/**
 * @param purpose a signature for one purpose is none for another
 * @param previousSecretKey verifies what was signed before `SECRET_KEY` was rotated
 */
export function createSigner(purpose: string, secretKey: string, previousSecretKey?: string): Signer {
  const sign = signWith(deriveKey(secretKey, purpose));
  const all = [sign, ...(previousSecretKey === undefined ? [] : [signWith(deriveKey(previousSecretKey, purpose))])];
  return { sign, isSigned: (text, signature) => all.some((each) => isEqual(each(text), signature)) };
}

function signWith(derived: Buffer): (text: string) => string {
  const key = createSecretKey(derived);
  return (text) => createHmac("sha256", key).update(text).digest("base64url");
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
