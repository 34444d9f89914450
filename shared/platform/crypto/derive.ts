import { hkdfSync } from "node:crypto";

/**
 * Derives a 256-bit key for one purpose from `SECRET_KEY` by HKDF-SHA-256 (RFC 5869). A key reveals nothing about the
 * secret or the keys of other purposes.
 */
export function deriveKey(secretKey: string, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", secretKey, "", `latchkey ${purpose}`, 32));
}
