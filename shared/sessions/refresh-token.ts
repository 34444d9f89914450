import { createHmac, createSecretKey, hash } from "node:crypto";
import { deriveKey } from "../platform/keys.ts";

/** What the database keeps of a refresh token: the SHA-256 of its text, so that another spelling of the same bits is unknown. */
export function hashRefreshToken(token: string): Buffer {
  return hash("sha256", token, "buffer");
}

/**
 * How the successor of a refresh token is found: HMAC-SHA-256 of the token's text, 43 characters. The same token always
 * has the same successor, so a repeated refresh can be answered alike although no token is stored.
 */
export function createSuccession(secretKey: string): (token: string) => string {
  const key = createSecretKey(deriveKey(secretKey, "refresh token succession v1"));
  return (token) => createHmac("sha256", key).update(token).digest("base64url");
}
