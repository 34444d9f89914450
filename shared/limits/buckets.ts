import { createHmac, createSecretKey } from "node:crypto";
import { deriveKey } from "../platform/crypto/derive.ts";
import type { PolicyName } from "./policies.ts";

/** What an attempt is counted by: a policy, and the network, identifier, account or client. */
export interface LimitKey {
  readonly policy: PolicyName;
  readonly value: string;
}

/**
 * Makes the names under which keys are counted: 32 bytes, HMAC-SHA-256. There are so few networks that a plain hash
 * would give them away, and these names are stored and sent in headers.
 */
export function createBuckets(secretKey: string): (key: LimitKey) => Buffer {
  const secret = createSecretKey(deriveKey(secretKey, "rate limit buckets v1"));
  return ({ policy, value }) => createHmac("sha256", secret).update(`${policy} ${value}`).digest();
}
