import type { Provider } from "./api.ts";
import { LatchkeyError } from "./errors.ts";

/** A pending sign-in at a provider. It outlives the page. */
export interface Attempt {
  readonly provider: string;
  readonly state: string;
  readonly codeVerifier: string | undefined;
  readonly redirectUri: string;
  /** What it is for; undefined for a sign-in. */
  readonly purpose: string | undefined;
  /** In milliseconds of the device's clock. */
  readonly begunAt: number;
}

/** The body of `POST /auth/oauth/{provider}`. */
export interface CodeGrant {
  readonly code: string;
  readonly redirect_uri: string;
  readonly code_verifier?: string;
  readonly iss?: string;
}

/**
 * Begins the authorization code flow with PKCE (RFC 7636). @returns the URL to go to, and the attempt to keep until the
 * answer
 */
export async function beginAttempt(
  provider: Provider,
  redirectUri: string,
  purpose?: string,
): Promise<{ readonly url: string; readonly attempt: Attempt }> {
  if (provider.authorization_endpoint === null)
    throw new LatchkeyError("PROVIDER_UNAVAILABLE", `${provider.display_name} cannot be reached`);
  if (!globalThis.crypto?.subtle)
    throw new LatchkeyError(
      "PLATFORM_ERROR",
      "Signing in with a provider needs Web Crypto, which browsers offer only over https",
    );
  const state = randomText();
  const codeVerifier = provider.pkce ? randomText() : undefined;
  const url = new URL(provider.authorization_endpoint);
  const add = (name: string, value: string) => url.searchParams.set(name, value);
  add("response_type", "code");
  add("client_id", provider.client_id);
  add("redirect_uri", redirectUri);
  add("scope", provider.scopes.join(" "));
  add("state", state);
  if (codeVerifier !== undefined) {
    add("code_challenge", await challenge(codeVerifier));
    add("code_challenge_method", "S256");
  }
  const attempt = { provider: provider.name, state, codeVerifier, redirectUri, purpose, begunAt: Date.now() };
  return { url: url.href, attempt };
}

/**
 * A copy of the provider's URLs that makes it ask the person to sign in again: a session already open there proves
 * nothing (`max_age`, OpenID Connect Core 1.0, section 3.1.2.1).
 */
export function askingAgain(provider: Provider): Provider {
  if (!provider.scopes.includes("openid")) return provider;
  const { authorize_url: page, authorization_endpoint: endpoint } = provider;
  const add = (address: string) => {
    const url = new URL(address);
    url.searchParams.set("max_age", "0");
    return url.href;
  };
  return { ...provider, authorize_url: add(page), authorization_endpoint: endpoint && add(endpoint) };
}

/** Whether this URL carries the provider's answer to this attempt. */
export function answers(url: URL, { state }: Attempt): boolean {
  return url.searchParams.get("state") === state;
}

/** How providers say that the person cancelled. The service has the same list. */
const cancelled = /^(access_denied|user_denied|user_cancelled_(authorize|login)|cancel)$|^AAD(STS65004|B2C90091)\b/;

/** Reads the code from an answer. @throws LatchkeyError if the provider or the person refused */
export function readCode({ searchParams }: URL, { codeVerifier, redirectUri }: Attempt): CodeGrant {
  const code = searchParams.get("code");
  if (!code) {
    const said = ["error", "error_subcode", "error_reason", "error_code", "error_description"];
    if (said.some((name) => cancelled.test(searchParams.get(name) ?? "")))
      throw new LatchkeyError("ACCESS_DENIED", "The sign-in was cancelled");
    throw new LatchkeyError("PROVIDER_ERROR", "The provider could not sign the person in");
  }
  const iss = searchParams.get("iss");
  return {
    code,
    redirect_uri: redirectUri,
    ...(codeVerifier && { code_verifier: codeVerifier }),
    ...(iss && { iss }),
  };
}

function randomText(): string {
  return base64Url(crypto.getRandomValues(new Uint8Array(32)));
}

async function challenge(codeVerifier: string): Promise<string> {
  return base64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(codeVerifier))));
}

function base64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
