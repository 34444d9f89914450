import { hash } from "node:crypto";

/** An OAuth client that has authenticated itself. */
export interface OAuthClient {
  readonly id: string;
  /** Whether it has no secret: the first-party client, which anybody can name (RFC 6749, section 2.1). */
  readonly isPublic: boolean;
  /** What it may ask for. */
  readonly scopes: readonly string[];
}

/** The scope that lets a client introspect tokens of others. */
export const introspectScope = "introspect";

/** What the database keeps of a client's secret. The secret is 256 random bits, so that a fast hash is enough. */
export function hashClientSecret(secret: string): Buffer {
  return hash("sha256", secret, "buffer");
}

/** The tokens of a scope (RFC 6749, section 3.3): separated by spaces, each once. */
export function parseScope(scope: string): string[] {
  return [...new Set(scope.split(" ").filter(Boolean))];
}

/** Whether a text is a scope of RFC 6749, section 3.3, or empty. */
export function isScope(text: string): boolean {
  return text.length <= 1000 && /^[\x20\x21\x23-\x5B\x5D-\x7E]*$/.test(text);
}

/**
 * The scope that a client gets: what it asks for, or all that it may ask for when it does not say.
 * @returns undefined when it asks for more
 */
export function grantedScope({ scopes }: OAuthClient, asked: string | undefined): string | undefined {
  if (asked === undefined) return scopes.join(" ");
  const wanted = parseScope(asked);
  return wanted.every((scope) => scopes.includes(scope)) ? wanted.join(" ") : undefined;
}
