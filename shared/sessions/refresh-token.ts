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
  /** Marks of where it came from. */
  readonly usedFrom: Buffer;
}

/**
 * Prepares a refresh token's text for the store.
 * @param source where the call that presents it comes from; undefined for one that only asks about it
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
 * Derives the successor of a refresh token: HMAC-SHA-256 of the token's text, 43 characters. A token always has the
 * same successor, so a repeated refresh gets the same answer although no token is stored.
 */
export function createSuccession(secretKey: string): (token: string) => string {
  const key = createSecretKey(deriveKey(secretKey, "refresh token succession v1"));
  return (token) => createHmac("sha256", key).update(token).digest("base64url");
}
