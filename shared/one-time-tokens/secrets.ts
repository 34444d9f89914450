import { hash } from "node:crypto";
import { randomToken } from "../platform/crypto/random.ts";
import { newShortCode } from "../platform/crypto/short-codes.ts";

/** What a mail carries: 256 random bits for the link, and for those who type, a code of six digits. */
export interface OneTimeSecret {
  readonly token: string;
  readonly code?: string;
}

/** A new secret. Make it outside the transaction, so that a repeated transaction issues the same. */
export function newOneTimeSecret(): { readonly token: string; readonly code: string } {
  return { token: randomToken(), code: newShortCode() };
}

/** The SHA-256 of a token's text as sent: another spelling of the same bits is unknown. */
export function hashOneTimeToken(token: string): Buffer {
  return hash("sha256", token, "buffer");
}
