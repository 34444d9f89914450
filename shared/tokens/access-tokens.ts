import { randomUUID } from "node:crypto";
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload, type ProtectedHeaderParameters } from "jose";
import { leewaySeconds, toEpochSeconds } from "../platform/clock.ts";
import { ApiError } from "../platform/errors/api-error.ts";
import type { TokenKey } from "./keys/key-material.ts";
import type { SigningKeys } from "./keys/signing-keys.ts";
import { clientTokenPosition, locate, sessionPosition } from "./status/status-list.ts";
import { createVerifiedTokens } from "./verified-tokens.ts";

/** Who a person's access token speaks for. */
export interface AccessTokenSubject {
  readonly accountId: string;
  readonly sessionId: string;
}

/** A session to issue an access token for. */
export interface SessionTokenRequest extends AccessTokenSubject {
  /** The session's status index; null for a session older than the status list. */
  readonly statusIndex: number | null;
  /** The session's absolute limit, which none of its tokens outlives. */
  readonly sessionExpiresAt: Date;
  /** When and how the person authenticated; the token says nothing about it if not given. */
  readonly authentication?: { readonly at: Date; readonly methods: readonly string[] };
}

/** A client to issue an access token of its own to. */
export interface ClientTokenRequest {
  readonly clientId: string;
  /** The token's `jti`, and its status index among client tokens. */
  readonly tokenId: string;
  readonly statusIndex: number;
  /** Scopes separated by spaces; empty for none. */
  readonly scope: string;
}

/** The claims of a verified access token: of a person's session, or of a client itself (RFC 9068, section 2.2). */
export interface AccessTokenClaims {
  readonly tokenId: string;
  readonly clientId: string;
  /** The account's id, or the client's own. */
  readonly subject: string;
  /** Undefined for a client's own token. */
  readonly sessionId: string | undefined;
  readonly scope: string | undefined;
  /** For people's tokens: when and how they authenticated (RFC 9068, section 2.2.1). */
  readonly authentication: AuthenticationClaims | undefined;
  /** NumericDates, in seconds. */
  readonly issuedAt: number;
  readonly expiresAt: number;
}

/** RFC 9068, section 2.2.1: the time as a NumericDate, the assurance level, and the methods of RFC 8176. */
export interface AuthenticationClaims {
  readonly auth_time: number;
  readonly acr: string;
  readonly amr: readonly string[];
}

export interface AccessTokens {
  /** Signs an access token (RFC 9068). @returns the token and its lifetime in seconds, the `expires_in` of RFC 6749 */
  issue(
    request: SessionTokenRequest | ClientTokenRequest,
    now: Date,
  ): Promise<{ token: string; expiresInSeconds: number }>;
  /**
   * Verifies an access token: signature, algorithm, type, issuer, audience and times, with 60 seconds of leeway. Does
   * not check whether it was revoked since.
   * @throws ApiError TOKEN_EXPIRED, or UNAUTHENTICATED for anything else that is wrong
   */
  inspect(token: string, now: Date): Promise<AccessTokenClaims>;
  /** Like `inspect`, for tokens of people's sessions only. */
  verify(token: string, now: Date): Promise<AccessTokenSubject>;
}

export interface AccessTokenOptions {
  readonly issuer: string;
  readonly audience: string;
  /** The first-party client, which people's sessions belong to. */
  readonly clientId: string;
  readonly ttlSeconds: number;
  /** The URI of the status lists, each found below it by its number; undefined if there are none. */
  readonly statusListsUri: string | undefined;
}

export function createAccessTokens(keys: SigningKeys, options: AccessTokenOptions): AccessTokens {
  const verified = createVerifiedTokens();
  const inspect = async (token: string, now: Date): Promise<AccessTokenClaims> => {
    const known = verified.get(token);
    // Keys are reread every 30 seconds and become new objects, so a withdrawn key also invalidates the tokens
    // remembered here.
    if (known && (await keys.find(known.key.kid, now)) === known.key) return readClaims(known.payload, now);
    const header = readHeader(token);
    const key = header && (await keys.find(header.kid, now));
    if (!key || header.alg !== key.algorithm) throw new ApiError("UNAUTHENTICATED");
    const { issuer, audience } = options;
    const payload = await verifySignature(token, { ...key, issuer, audience, now });
    const claims = readClaims(payload, now);
    verified.add(token, { key, payload });
    return claims;
  };
  return {
    async issue(request, now) {
      const signer = await keys.current(now);
      const issuedAt = toEpochSeconds(now);
      const latest = "sessionId" in request ? toEpochSeconds(request.sessionExpiresAt) : Number.POSITIVE_INFINITY;
      const expiresAt = Math.min(issuedAt + options.ttlSeconds, latest);
      const claims = {
        iss: options.issuer,
        aud: options.audience,
        ...ownClaims(request, options),
        iat: issuedAt,
        exp: expiresAt,
      };
      return { token: await signer.sign({ typ: "at+jwt" }, claims), expiresInSeconds: expiresAt - issuedAt };
    },
    inspect,
    async verify(token, now) {
      const { subject, sessionId } = await inspect(token, now);
      if (sessionId === undefined) throw new ApiError("UNAUTHENTICATED");
      return { accountId: subject, sessionId };
    },
  };
}

const maxTokenLength = 8192;

/** A token that brings its own key, or a pointer to one, is forged (RFC 8725, section 3.10). */
const keyParameters = ["jwk", "jku", "x5u", "x5c", "x5t", "x5t#S256", "crit"] as const;

/**
 * The claims of RFC 9068, section 2.2, that differ: a person's token has `sid` (OpenID Connect), a client's has
 * `scope`; both say where their status is (Token Status List, section 6.1).
 */
function ownClaims(
  request: SessionTokenRequest | ClientTokenRequest,
  { clientId, statusListsUri }: AccessTokenOptions,
): object {
  const position =
    "sessionId" in request ? sessionPosition(request.statusIndex) : clientTokenPosition(request.statusIndex);
  const status = statusListsUri !== undefined &&
    position !== undefined && { status: statusClaim(position, statusListsUri) };
  if ("sessionId" in request)
    return {
      sub: request.accountId,
      client_id: clientId,
      sid: request.sessionId,
      jti: randomUUID(),
      ...authenticationClaims(request),
      ...status,
    };
  const scope = request.scope !== "" && { scope: request.scope };
  return { sub: request.clientId, client_id: request.clientId, jti: request.tokenId, ...scope, ...status };
}

/**
 * `aal1`: a single factor, a password or a sign-in at a provider; `aal2`: two of them (NIST SP 800-63B-4, sections 2.1 and
 * 2.2); `phr`: two, one of which was a passkey, which no page of another domain can ask for (OpenID Connect Extended
 * Authentication Profile ACR Values 1.0).
 */
function authenticationClaims({ authentication }: SessionTokenRequest): AuthenticationClaims | undefined {
  if (!authentication) return undefined;
  const { at, methods } = authentication;
  return { auth_time: toEpochSeconds(at), acr: acrOf(methods), amr: methods };
}

function acrOf(methods: readonly string[]): string {
  if (!methods.includes("mfa")) return "aal1";
  return methods.includes("pop") ? "phr" : "aal2";
}

function statusClaim(position: number, uri: string): object {
  const { shard, index } = locate(position);
  return { status_list: { idx: index, uri: `${uri}/${shard}` } };
}

/** The header of a well-formed token that refers to its key only by `kid`; undefined otherwise. */
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

/**
 * Accepts only one spelling of the same bytes: base64url without padding and without stray bits (RFC 7515, section 2).
 */
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
      requiredClaims: ["sub", "exp", "iat", "jti", "client_id"],
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new ApiError("TOKEN_EXPIRED");
    if (error instanceof errors.JOSEError) throw new ApiError("UNAUTHENTICATED");
    throw error;
  }
}

/** Checks the claims that depend on the time, and who the token speaks for: a session, or the client that holds it. */
function readClaims(payload: JWTPayload, now: Date): AccessTokenClaims {
  const { sub, sid, jti, client_id: clientId, scope, iat, exp, auth_time: authTime, acr, amr } = payload;
  const seconds = toEpochSeconds(now);
  if (typeof exp !== "number" || exp <= seconds - leewaySeconds) throw new ApiError("TOKEN_EXPIRED");
  const isIssuedLater = typeof iat !== "number" || iat > seconds + leewaySeconds;
  if (isIssuedLater || !isText(sub) || !isText(jti) || !isText(clientId)) throw new ApiError("UNAUTHENTICATED");
  if (sid === undefined ? sub !== clientId : !isText(sid)) throw new ApiError("UNAUTHENTICATED");
  return {
    tokenId: jti,
    clientId,
    subject: sub,
    sessionId: sid as string | undefined,
    scope: isText(scope) ? scope : undefined,
    authentication:
      typeof authTime === "number" && isText(acr) && Array.isArray(amr) ? { auth_time: authTime, acr, amr } : undefined,
    issuedAt: iat,
    expiresAt: exp,
  };
}

const isText = (claim: unknown): claim is string => typeof claim === "string";
