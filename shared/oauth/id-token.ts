import { createRemoteJWKSet, customFetch, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from "jose";
import { toEpochSeconds } from "../platform/clock.ts";
import { ApiError } from "../platform/errors.ts";
import { boundedFetch } from "./bounded-fetch.ts";
import { ProviderTokenInvalid, ProviderUnavailable } from "./refusals.ts";

const leewaySeconds = 60;

/** Only signatures that the provider alone can make: with a shared secret everybody who verifies could sign, too. */
const algorithms = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** The keys of a provider: kept for 10 minutes, and read again for an unknown `kid`, every 30 seconds at the most. */
export function openKeySet(uri: string): JWTVerifyGetKey {
  const read = async (url: string, init: RequestInit): Promise<Response> => {
    const response = await boundedFetch(url, { headers: init.headers ?? {} });
    if (response.status !== 200) throw new ProviderUnavailable(`its key set answers ${response.status}`);
    return response;
  };
  return createRemoteJWKSet(new URL(uri), { [customFetch]: read });
}

export interface IdTokenCheck {
  readonly keys: JWTVerifyGetKey;
  readonly issuers: readonly string[];
  /** Whom it may be for: our client, and those of our native apps. */
  readonly audiences: readonly string[];
  /** What its nonce must be; not compared when undefined. */
  readonly nonce: string | undefined;
  readonly now: Date;
}

/** The claims of an id_token, of which `sub` is there. */
export type IdTokenClaims = JWTPayload & { readonly sub: string };

/**
 * Verifies an id_token as OpenID Connect Core 1.0, section 3.1.3.7, says, with 60 seconds of leeway.
 * @throws ProviderTokenInvalid, or ProviderUnavailable when the keys cannot be had
 */
export async function verifyIdToken(idToken: string, check: IdTokenCheck): Promise<IdTokenClaims> {
  const { audiences, nonce, now } = check;
  const claims = await verifySignature(idToken, check);
  const refuse = (reason: string) => new ProviderTokenInvalid(`the id_token ${reason}`);
  if (!isSubject(claims.sub)) throw refuse("has no usable sub");
  // Of several audiences one may have handed the token on: only `azp` says whom it was issued to.
  const { aud, azp } = claims;
  const isIssuedToUs = typeof azp === "string" && audiences.includes(azp);
  if (Array.isArray(aud) && aud.length > 1 && !isIssuedToUs)
    throw refuse("has several audiences and was not issued to us");
  if ((claims.iat ?? 0) > toEpochSeconds(now) + leewaySeconds) throw refuse("was issued in the future");
  if (nonce !== undefined && claims["nonce"] !== nonce) throw refuse("has another nonce");
  return { ...claims, sub: claims.sub };
}

async function verifySignature(idToken: string, { keys, issuers, audiences, now }: IdTokenCheck): Promise<JWTPayload> {
  try {
    const { payload } = await jwtVerify(idToken, keys, {
      algorithms,
      issuer: [...issuers],
      audience: [...audiences],
      clockTolerance: leewaySeconds,
      currentDate: now,
      requiredClaims: ["sub", "exp", "iat"],
    });
    return payload;
  } catch (error) {
    throw toRefusal(error);
  }
}

/**
 * Whether a text may be an identity: at most 255 characters of ASCII (OpenID Connect Core 1.0, section 2), without space
 * around it, which SQL Server does not compare.
 */
export function isSubject(subject: unknown): subject is string {
  return typeof subject === "string" && /^[\x21-\x7E](?:[\x20-\x7E]{0,253}[\x21-\x7E])?$/.test(subject);
}

/** What jose throws when it is the key set that is at fault; ERR_JOSE_GENERIC is its word for one that is no JSON. */
const keySetFaults = new Set(["ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID", "ERR_JOSE_GENERIC"]);

function toRefusal(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof errors.JOSEError && !keySetFaults.has(error.code))
    return new ProviderTokenInvalid(`the id_token is refused (${error.code}${claimOf(error)})`);
  return new ProviderUnavailable("its key set cannot be used", error);
}

/** Which claim it is about. The error's own words may quote the token. */
function claimOf(error: errors.JOSEError): string {
  return error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired
    ? `, ${error.claim}`
    : "";
}
