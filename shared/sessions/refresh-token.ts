import { createHmac, createSecretKey, hash } from "node:crypto";
import { deriveKey } from "../platform/crypto/derive.ts";
import type { Source } from "../platform/source.ts";
import { unknownUse } from "./use-source.ts";

/** A presented refresh token, with everything that is stored for it or derived from it. */
export interface PresentedToken {
  /** The text of its successor. */
  readonly successor: string;
  readonly tokenHash: Buffer;
  readonly successorHash: Buffer;
  /** Where it comes from, as marks. */
  readonly usedFrom: Buffer;
}

/**
 * Makes of a refresh token's text what the store takes.
 * @param source where the call comes from that presents it; undefined for one that only asks about it
 */
export type Present = (token: string, source: Source | undefined) => PresentedToken;

/** @param marksOf see `createUseMarks` */
export function createPresent(secretKey: string, marksOf: (source: Source) => Buffer): Present {
  const successorOf = createSuccession(secretKey);
  return (token, source) => {
    const successor = successorOf(token);
    return {
      successor,
      tokenHash: hashRefreshToken(token),
      successorHash: hashRefreshToken(successor),
      usedFrom: source ? marksOf(source) : unknownUse,
    };
  };
}

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
