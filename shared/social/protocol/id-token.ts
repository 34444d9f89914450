import { compactVerify, errors, type CompactVerifyGetKey } from "jose";
import { toEpochSeconds } from "../../platform/clock.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import { isObject, latestSeconds, parseJson, toTime, type JsonObject } from "./json.ts";
import { ProviderTokenInvalid, ProviderUnavailable } from "./refusals.ts";

/** What to check on everything that a provider signs. */
export interface SignatureCheck {
  readonly keys: CompactVerifyGetKey;
  readonly issuers: readonly string[];
  /** The audiences accepted: our client, and those of our native apps. */
  readonly audiences: readonly string[];
  readonly now: Date;
}

export interface IdTokenCheck extends SignatureCheck {
  /** The expected nonce; not compared if undefined. */
  readonly nonce: string | undefined;
}

/** The claims of an id_token whose `sub` and `iat` were checked. */
export type IdTokenClaims = JsonObject & { readonly sub: string; readonly iat: number };

/**
 * Verifies an id_token as in OpenID Connect Core 1.0, section 3.1.3.7, with 60 seconds of leeway.
 * @throws ProviderTokenInvalid, or ProviderUnavailable if the keys cannot be read
 */
export async function verifyIdToken(idToken: string, check: IdTokenCheck): Promise<IdTokenClaims> {
  const { audiences, nonce, now } = check;
  const claims = await verifyClaims(idToken, check);
  const { sub, aud, azp, exp, iat } = claims;
  if (!isSubject(sub)) throw refusal("has no usable sub");
  if (exp === undefined) throw refusal("has no exp");
  if (!isTime(iat) || !toTime(iat) || iat > toEpochSeconds(now) + leewaySeconds)
    throw refusal("has no iat, or was issued in the future");
  // One of several audiences may have passed the token on: only `azp` says who it was issued to.
  const isIssuedToUs = typeof azp === "string" && audiences.includes(azp);
  if (Array.isArray(aud) && aud.length > 1 && !isIssuedToUs)
    throw refusal("has several audiences and was not issued to us");
  if (nonce !== undefined && claims["nonce"] !== nonce) throw refusal("has a different nonce");
  return { ...claims, sub, iat };
}

const leewaySeconds = 60;

/** Only signatures that nobody but the provider can make: a shared secret would let every verifier sign too. */
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

/**
 * Verifies what a provider signed: signature, `iss`, `aud`, and those of its times that are present (RFC 7519, section
 * 4.1). The claims are checked here and not by jose, which rejects an `nbf` of null.
 * @throws ProviderTokenInvalid, or ProviderUnavailable if the keys cannot be read
 */
export async function verifyClaims(
  token: string,
  { keys, issuers, audiences, now }: SignatureCheck,
): Promise<JsonObject> {
  const claims = await verifySignature(token, keys);
  const { iss, aud, exp, nbf } = claims;
  if (typeof iss !== "string" || !issuers.includes(iss)) throw refusal("comes from another issuer (iss)");
  const named: unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!named.some((one) => typeof one === "string" && audiences.includes(one)))
    throw refusal("is for another audience (aud)");
  const seconds = toEpochSeconds(now);
  if (exp !== undefined && !(isTime(exp) && exp > seconds - leewaySeconds)) throw refusal("has expired (exp)");
  if (nbf !== undefined && !(isTime(nbf) && nbf <= seconds + leewaySeconds)) throw refusal("is not valid yet (nbf)");
  return claims;
}

async function verifySignature(token: string, keys: CompactVerifyGetKey): Promise<JsonObject> {
  try {
    const { payload, protectedHeader } = await compactVerify(token, keys, { algorithms });
    const claims = parseJson(new TextDecoder().decode(payload));
    // RFC 7797, section 7: a JWT encodes its payload.
    if (isObject(claims) && protectedHeader.b64 !== false) return claims;
  } catch (error) {
    throw toRefusal(error);
  }
  throw refusal("has no claims");
}

/** Whether a claim is a NumericDate (RFC 7519, section 2) that fits a Date. */
function isTime(claim: unknown): claim is number {
  return typeof claim === "number" && Math.abs(claim) <= latestSeconds;
}

/**
 * Whether a text can be an identity: at most 255 ASCII characters (OpenID Connect Core 1.0, section 2), with no space
 * at either end, which SQL Server ignores in comparisons.
 */
function isSubject(subject: unknown): subject is string {
  return typeof subject === "string" && /^[\x21-\x7E](?:[\x20-\x7E]{0,253}[\x21-\x7E])?$/.test(subject);
}

/** What jose throws if the key set is at fault; ERR_JOSE_GENERIC means that it is not JSON. */
const keySetFaults = new Set(["ERR_JWKS_TIMEOUT", "ERR_JWKS_INVALID", "ERR_JOSE_GENERIC"]);

function toRefusal(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof errors.JOSEError && !keySetFaults.has(error.code))
    return refusal(`was rejected (${error.code})`);
  return new ProviderUnavailable("its key set cannot be used", error);
}

function refusal(reason: string): ProviderTokenInvalid {
  return new ProviderTokenInvalid(`the provider's signed token ${reason}`);
}
