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
