import { hash } from "node:crypto";
import type { JWTPayload } from "jose";
import type { TokenKey } from "./keys/key-material.ts";

/** A token whose signature and fixed claims were verified with this key. */
export interface VerifiedToken {
  readonly key: TokenKey;
  readonly payload: JWTPayload;
}

/** Remembers verified tokens. The caller must still check that the key is valid, and whatever depends on the time. */
export interface VerifiedTokens {
  get(token: string): VerifiedToken | undefined;
  add(token: string, verified: VerifiedToken): void;
}

/**
 * Keyed by SHA-256. A caller sends the same token again and again, and its signature costs more than the rest of the
 * request.
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

const maxTokens = 1000;
