import { randomBytes } from "node:crypto";

/** 256 random bits as base64url, 43 characters: unguessable, safe in a cookie, a header and a JSON string. */
export function randomToken(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * A new row id: a UUIDv8 (RFC 9562, section 5.8) whose last six bytes are the time in milliseconds. SQL Server sorts
 * `uniqueidentifier` by those bytes first, so new rows go to the end of a clustered key. The 74 bits before them are
 * random.
 */
export function newId(now: Date): string {
  const bytes = randomBytes(16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x80, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  bytes.writeUIntBE(now.getTime(), 10, 6);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
