import type { Provider } from "./api.ts";
import { LatchkeyError } from "./errors.ts";

/** A sign-in at a provider that has begun. It outlives the page. */
export interface Attempt {
  readonly provider: string;
  readonly state: string;
  readonly codeVerifier: string | undefined;
  readonly redirectUri: string;
}

/** The body of `POST /auth/oauth/{provider}`. */
export interface CodeGrant {
  readonly code: string;
  readonly redirect_uri: string;
  readonly code_verifier?: string;
}

/** Begins the authorization code flow with PKCE (RFC 7636). @returns where to go, and what to keep until the way back */
export async function beginAttempt(
  provider: Provider,
  redirectUri: string,
): Promise<{ readonly url: string; readonly attempt: Attempt }> {
  if (provider.authorization_endpoint === null)
    throw new LatchkeyError("PROVIDER_UNAVAILABLE", `${provider.display_name} cannot be reached`);
  const state = randomText();
  const codeVerifier = provider.pkce ? randomText() : undefined;
  const url = new URL(provider.authorization_endpoint);
  const parameters = {
    response_type: "code",
    client_id: provider.client_id,
    redirect_uri: redirectUri,
    scope: provider.scopes.join(" "),
    state,
    ...(codeVerifier !== undefined && { code_challenge: await challenge(codeVerifier), code_challenge_method: "S256" }),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return { url: url.href, attempt: { provider: provider.name, state, codeVerifier, redirectUri } };
}

/** Whether a browser has come to this URL with the provider's answer to this attempt. */
export function answers(url: URL, { state }: Attempt): boolean {
  return url.searchParams.get("state") === state;
}

/** What the answer gives. @throws LatchkeyError when the provider, or the person there, refused */
export function readCode({ searchParams }: URL, { codeVerifier, redirectUri }: Attempt): CodeGrant {
  const code = searchParams.get("code");
  if (code === null) {
    if (searchParams.get("error") === "access_denied")
      throw new LatchkeyError("ACCESS_DENIED", "The sign-in was cancelled");
    throw new LatchkeyError("PROVIDER_ERROR", "The provider could not sign the person in");
  }
  return { code, redirect_uri: redirectUri, ...(codeVerifier !== undefined && { code_verifier: codeVerifier }) };
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
