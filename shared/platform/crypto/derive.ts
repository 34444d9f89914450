import { hkdfSync } from "node:crypto";

/**
 * A 256-bit key for one purpose, derived from `SECRET_KEY` by HKDF-SHA-256 (RFC 5869). Keys of different purposes tell
 * nothing of each other or of the secret.
 */
export function deriveKey(secretKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secretKey, "", `latchkey ${purpose}`, 32));
}
