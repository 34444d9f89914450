import { hash } from "node:crypto";

/** An authenticated OAuth client. */
export interface OAuthClient {
  readonly id: string;
  /** Whether it has no secret: the first-party client, which anyone can name (RFC 6749, section 2.1). */
  readonly isPublic: boolean;
  /** The scopes it may ask for. */
  readonly scopes: readonly string[];
}

/** The scope that lets a client introspect other clients' tokens. */
export const introspectScope = "introspect";

/**
 * The SHA-256 that the database keeps of a client's secret. The secret is 256 random bits, so a fast hash is enough.
 */
export function hashClientSecret(secret: string): Buffer {
  return hash("sha256", secret, "buffer");
}

/** The scope tokens in a text (RFC 6749, section 3.3): separated by spaces, each listed once. */
export function parseScope(scope: string): string[] {
  return [...new Set(scope.split(" ").filter(Boolean))];
}

/** Whether a text is a scope of RFC 6749, section 3.3, or empty. */
export function isScope(text: string): boolean {
  return text.length <= 1000 && /^[\x20\x21\x23-\x5B\x5D-\x7E]*$/.test(text);
}

/**
 * The scope a client gets: what it asks for, or everything it may ask for if it does not say.
 * @returns undefined if it asks for more than it may have
 */
export function grantedScope({ scopes }: OAuthClient, asked: string | undefined): string | undefined {
  if (asked === undefined) return scopes.join(" ");
  const wanted = parseScope(asked);
  return wanted.every((scope) => scopes.includes(scope)) ? wanted.join(" ") : undefined;
}
