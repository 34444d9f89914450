import { randomToken } from "../../platform/crypto/random.ts";
import type { AuthorizationRequest } from "../provider.ts";

export interface AuthorizationTarget extends Pick<AuthorizationRequest, "redirectUri" | "state"> {
  readonly endpoint: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Only if the provider supports PKCE. */
  readonly codeVerifier?: string;
  /** Only for OpenID Connect. */
  readonly nonce?: string;
  readonly maxAgeSeconds?: number | undefined;
}

/**
 * Builds the URL of an authorization request (RFC 6749, section 4.1.1); with a verifier, it uses PKCE S256 (RFC 7636,
 * section 4.3).
 */
export async function authorizationUrl(target: AuthorizationTarget): Promise<string> {
  const { CodeChallengeMethod, OAuth2Client } = await import("arctic");
  const { endpoint, clientId, redirectUri, state, codeVerifier, scopes, nonce, maxAgeSeconds } = target;
  const client = new OAuth2Client(clientId, null, redirectUri);
  const url =
    codeVerifier === undefined
      ? client.createAuthorizationURL(endpoint, state, [...scopes])
      : client.createAuthorizationURLWithPKCE(endpoint, state, CodeChallengeMethod.S256, codeVerifier, [...scopes]);
  if (nonce !== undefined) url.searchParams.set("nonce", nonce);
  if (maxAgeSeconds !== undefined) url.searchParams.set("max_age", String(maxAgeSeconds));
  return url.href;
}

/** Random texts, 256 bits each, that bind an authorization request to its answer. */
export function newAuthorizationSecrets(): { state: string; nonce: string; codeVerifier: string } {
  return { state: randomToken(), nonce: randomToken(), codeVerifier: randomToken() };
}
