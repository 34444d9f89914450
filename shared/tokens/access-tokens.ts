import { randomUUID } from "node:crypto";
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload, type ProtectedHeaderParameters } from "jose";
import { toEpochSeconds } from "../platform/clock.ts";
import { ApiError } from "../platform/errors.ts";
import type { TokenKey } from "./key-material.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { createVerifiedTokens } from "./verified-tokens.ts";

/** Whom an access token speaks for. */
export interface AccessTokenSubject {
  readonly accountId: string;
  readonly sessionId: string;
}

export interface AccessTokens {
  /** Signs an access token (RFC 9068). @returns the token and its lifetime in seconds, the `expires_in` of RFC 6749 */
  issue(subject: AccessTokenSubject, now: Date): Promise<{ token: string; expiresInSeconds: number }>;
  /**
   * Verifies an access token by signature, algorithm, type, issuer, audience and time, with 60 seconds of leeway.
   * Whether its session still lives is for the caller to ask.
   * @throws ApiError TOKEN_EXPIRED, or UNAUTHENTICATED for everything else that is wrong with it
   */
  verify(token: string, now: Date): Promise<AccessTokenSubject>;
}

export interface AccessTokenOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly clientId: string;
  readonly ttlSeconds: number;
}

const leewaySeconds = 60;
const maxTokenLength = 8192;

/** A token that brings its own key, or a pointer to one, is forged (RFC 8725, section 3.10). */
const keyParameters = ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256", "crit"] as const;

export function createAccessTokens(keys: SigningKeys, options: AccessTokenOptions): AccessTokens {
  const verified = createVerifiedTokens();
  return {
    async issue({ accountId, sessionId }, now) {
      const signer = await keys.current(now);
      const issuedAt = toEpochSeconds(now);
      // The claims of RFC 9068, section 2.2, with `sid` of OpenID Connect.
      const claims = {
        iss: options.issuer,
        aud: options.audience,
        sub: accountId,
        client_id: options.clientId,
        sid: sessionId,
        jti: randomUUID(),
        iat: issuedAt,
        exp: issuedAt + options.ttlSeconds,
      };
      const token = await signer.sign({ typ: "at+jwt" }, claims);
      return { token, expiresInSeconds: options.ttlSeconds };
    },

    async verify(token, now) {
      const header = readHeader(token);
      const found = header && (await keys.find(header.kid, now));
      if (!found || header.alg !== found.algorithm) throw new ApiError("UNAUTHENTICATED");
      const known = verified.get(found, token);
      if (known) return readSubject(known, now);
      const { issuer, audience } = options;
      const payload = await verifySignature(token, { ...found, issuer, audience, now });
      const subject = readSubject(payload, now);
      verified.add(found, token, payload);
      return subject;
    },
  };
}

/** The header of a well-formed token that names its key by `kid` alone; undefined for any other text. */
function readHeader(token: string): ProtectedHeaderParameters | undefined {
  const parts = token.split(".");
  if (token.length > maxTokenLength || parts.length !== 3 || !parts.every(isCanonicalBase64url)) return undefined;
  try {
    const header = decodeProtectedHeader(token);
    const isText = header.kid === undefined || typeof header.kid === "string";
    return isText && !keyParameters.some((name) => name in header) ? header : undefined;
  } catch {
    return undefined;
  }
}

/** Only one spelling of the same bytes is a token: base64url without padding and without stray bits (RFC 7515, section 2). */
function isCanonicalBase64url(part: string): boolean {
  return part !== "" && Buffer.from(part, "base64url").toString("base64url") === part;
}

interface Verification extends TokenKey {
  readonly issuer: string;
  readonly audience: string;
  readonly now: Date;
}

async function verifySignature(
  token: string,
  { key, algorithm, now, issuer, audience }: Verification,
): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(token, key, {
      algorithms: [algorithm],
      typ: "at+jwt",
      issuer,
      audience,
      clockTolerance: leewaySeconds,
      currentDate: now,
      requiredClaims: ["sub", "exp", "iat", "jti", "client_id", "sid"],
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new ApiError("TOKEN_EXPIRED");
    if (error instanceof errors.JOSEError) throw new ApiError("UNAUTHENTICATED");
    throw error;
  }
}

/** The claims that the time decides, and the subject. */
function readSubject({ sub, sid, iat, exp }: JWTPayload, now: Date): AccessTokenSubject {
  const seconds = toEpochSeconds(now);
  if (typeof exp !== "number" || exp <= seconds - leewaySeconds) throw new ApiError("TOKEN_EXPIRED");
  const isIssuedLater = typeof iat !== "number" || iat > seconds + leewaySeconds;
  if (isIssuedLater || typeof sub !== "string" || typeof sid !== "string") throw new ApiError("UNAUTHENTICATED");
  return { accountId: sub, sessionId: sid };
}
