/**
 * A social provider. Methods throw `ProviderUnavailable` if it does not answer as it should, and ApiError
 * PROVIDER_TOKEN_INVALID if it, or this service, rejects what was sent.
 */
export interface Provider {
  /** Its name in paths. */
  readonly name: string;
  readonly displayName: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Whether it supports PKCE. */
  readonly pkce: boolean;
  /** Which kind of token an app may send. */
  readonly tokenKind: TokenGrant["kind"];
  /** Where people authorize. */
  authorizationEndpoint(): Promise<string>;
  /** Where to send a browser. */
  authorizationUrl(request: AuthorizationRequest): Promise<string>;
  /**
   * Whether the `iss` of an authorization response is this provider's (RFC 9207, section 2.4), so that another
   * provider's response is not mistaken for its own.
   */
  isOwnIssuer(iss: string | undefined): Promise<boolean>;
  /** Exchanges a code. */
  redeemCode(grant: CodeGrant, now: Date): Promise<ProviderProfile>;
  /** Checks a token that an app sent: it must have been issued to our application. */
  redeemToken(grant: TokenGrant, now: Date): Promise<ProviderProfile>;
}

/** What a provider says about the person who signed in there. */
export interface ProviderProfile {
  /** Never reassigned within the provider: together with the provider's name it is the identity. */
  readonly subject: string;
  readonly email: string | undefined;
  /** Whether to believe this provider about the address. */
  readonly isEmailVerified: boolean;
  readonly name: string | undefined;
  /** The URL of a picture. */
  readonly picture: string | undefined;
  /** The person's user name there. */
  readonly login: string | undefined;
  /** When the provider vouched for the person; `unknownTime` if what was sent does not say. */
  readonly authenticatedAt: Date;
}

/** A time that is never recent: what may be old must not count as new. */
export const unknownTime = new Date(0);

/** What binds an authorization request to its answer. */
export interface AuthorizationRequest {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  /** For PKCE (RFC 7636); only its SHA-256 is sent. */
  readonly codeVerifier: string;
  /** The maximum age of the person's sign-in there; only OpenID providers are asked for it. */
  readonly maxAgeSeconds?: number | undefined;
}

/** An authorization code, and what it was requested with. */
export interface CodeGrant {
  readonly code: string;
  readonly redirectUri: string;
  /** Only if the provider supports PKCE. */
  readonly codeVerifier?: string | undefined;
  /** The nonce that the id_token must repeat; not compared if undefined. */
  readonly nonce?: string | undefined;
}

/** What an app may send instead of a code: an id_token, or an access token for the provider's API. */
export type TokenGrant =
  | { readonly kind: "id_token"; readonly idToken: string; readonly nonce: string }
  | { readonly kind: "access_token"; readonly accessToken: string };

/** What an app got from a provider. */
export type AppGrant = ({ readonly kind: "code"; readonly iss?: string | undefined } & CodeGrant) | TokenGrant;
