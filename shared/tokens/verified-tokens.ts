import { hash } from "node:crypto";
import type { JWTPayload } from "jose";
import type { TokenKey } from "./keys/key-material.ts";

const maxTokens = 1000;

/** A token whose signature and fixed claims were found good with this key. */
export interface VerifiedToken {
  readonly key: TokenKey;
  readonly payload: JWTPayload;
}

/** What was verified. Whether the key still counts, and what depends on the time, is for the caller to check again. */
export interface VerifiedTokens {
  get(token: string): VerifiedToken | undefined;
  add(token: string, verified: VerifiedToken): void;
}

/**
 * Remembers verified tokens by their SHA-256, since a caller sends the same one again and again, and a signature costs more
 * than all else in a request.
 */
export function createVerifiedTokens(): VerifiedTokens {
  const tokens = new Map<string, VerifiedToken>();
  return {
    get: (token) => tokens.get(hash("sha256", token)),
    add(token, verified) {
      const [oldest] = tokens.keys();
      if (tokens.size >= maxTokens && oldest !== undefined) tokens.delete(oldest);
      tokens.set(hash("sha256", token), verified);
    },
  };
}
