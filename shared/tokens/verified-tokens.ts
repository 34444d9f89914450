import { hash } from "node:crypto";
import type { JWTPayload } from "jose";
import type { TokenKey } from "./keys/key-material.ts";

const maxTokensPerKey = 1000;

/** Tokens whose signature and fixed claims were found good. What depends on the time is for the caller to check again. */
export interface VerifiedTokens {
  get(key: TokenKey, token: string): JWTPayload | undefined;
  add(key: TokenKey, token: string, payload: JWTPayload): void;
}

/**
 * Remembers verified tokens, since a caller sends the same one again and again and a signature costs more than all else in
 * a request. Known by their SHA-256, and forgotten with the key object that verified them: keys are reread every 30
 * seconds, and a key that is withdrawn takes its tokens along.
 */
export function createVerifiedTokens(): VerifiedTokens {
  const byKey = new WeakMap<TokenKey, Map<string, JWTPayload>>();
  return {
    get: (key, token) => byKey.get(key)?.get(hash("sha256", token)),
    add(key, token, payload) {
      const tokens = byKey.get(key) ?? new Map<string, JWTPayload>();
      const [oldest] = tokens.keys();
      if (tokens.size >= maxTokensPerKey && oldest !== undefined) tokens.delete(oldest);
      byKey.set(key, tokens.set(hash("sha256", token), payload));
    },
  };
}
