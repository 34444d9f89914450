import type { Provider } from "./api.ts";
import { LatchkeyError } from "./errors.ts";
import type { Attempt } from "./provider-answer.ts";

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
