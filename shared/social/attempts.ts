import { EncryptJWT, errors, jwtDecrypt, type JWTPayload } from "jose";
import { toEpochSeconds } from "../platform/clock.ts";
import { deriveKey } from "../platform/crypto/derive.ts";

/** A pending sign-in at a provider: what the provider's answer is checked against. */
export interface Attempt {
  readonly provider: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** Where the browser goes afterwards, already checked. */
  readonly redirectTo: string;
  /** The session that is linking an identity; undefined for a sign-in. */
  readonly link: { readonly accountId: string; readonly sessionId: string } | undefined;
  /** When it expires. */
  readonly expiresAt: Date;
  /** The sealed text that it was opened from. */
  readonly sealed: string;
}

/**
 * Keeps attempts in the browser that began them (docs/decisions/0015-attempts-in-cookies.md), sealed with a key of this
 * service so that the browser can neither read nor change them.
 */
export interface Attempts {
  /** @returns a text that fits a cookie */
  seal(attempt: Omit<Attempt, "expiresAt" | "sealed">, now: Date): Promise<string>;
  /** @returns undefined if it was not sealed here, or has expired */
  open(sealed: string, now: Date): Promise<Attempt | undefined>;
}

export function createAttempts(secretKey: string): Attempts {
  const key = deriveKey(secretKey, "sign-in attempts");
  return {
    seal: ({ provider, state, nonce, codeVerifier, redirectTo, link }, now) =>
      new EncryptJWT({ provider, state, nonce, codeVerifier, redirectTo, ...link })
        .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
        .setExpirationTime(toEpochSeconds(now) + attemptSeconds)
        .encrypt(key),
    async open(sealed, now) {
      try {
        const limits = { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] };
        const { payload } = await jwtDecrypt(sealed, key, { ...limits, currentDate: now, requiredClaims: ["exp"] });
        return toAttempt(payload, sealed);
      } catch (error) {
        if (error instanceof errors.JOSEError) return undefined;
        throw error;
      }
    },
  };
}

/** How long a person may take to sign in at a provider. */
export const attemptSeconds = 600;

/** Needs no further check: only this service can seal. */
function toAttempt({ exp = 0, accountId, sessionId, ...rest }: JWTPayload, sealed: string): Attempt {
  const attempt = rest as unknown as Omit<Attempt, "link" | "expiresAt" | "sealed">;
  const isLink = typeof accountId === "string" && typeof sessionId === "string";
  return { ...attempt, link: isLink ? { accountId, sessionId } : undefined, expiresAt: new Date(exp * 1000), sealed };
}
