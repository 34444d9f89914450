/** What a provider says of the person who has signed in there. */
export interface ProviderProfile {
  /** Never reassigned within the provider: with the provider's name it is the identity. */
  readonly subject: string;
  readonly email: string | undefined;
  /** Whether this provider's word for the address counts. */
  readonly isEmailVerified: boolean;
  readonly name: string | undefined;
  /** The URL of a picture. */
  readonly picture: string | undefined;
  /** The short name that the person has there. */
  readonly login: string | undefined;
  /** When the provider vouched for the person; `unknownTime` when what was brought does not say so. */
  readonly authenticatedAt: Date;
}

/** So long ago that it is never fresh: what may be old must not count as new. */
export const unknownTime = new Date(0);

/** What binds an authorization request to its answer. */
export interface AuthorizationRequest {
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE (RFC 7636); only its SHA-256 is sent. */
  readonly codeVerifier: string;
  /** How long ago the person may have signed in there, at most; only OpenID providers are asked for it. */
  readonly maxAgeSeconds?: number | undefined;
}

/** An authorization code, with what it was asked for with. */
export interface CodeGrant {
  readonly code: string;
  readonly redirectUri: string;
  /** Only where the provider takes PKCE. */
  readonly codeVerifier?: string | undefined;
  /** What the id_token must repeat; not compared when undefined. */
  readonly nonce?: string | undefined;
}

/** What an app may bring beside a code: OpenID's signed statement, or the token of an API. */
export type TokenGrant =
  | { readonly kind: "id_token"; readonly idToken: string; readonly nonce: string }
  | { readonly kind: "access_token"; readonly accessToken: string };

/** What an app has brought from a provider. */
export type AppGrant = ({ readonly kind: "code"; readonly iss?: string | undefined } & CodeGrant) | TokenGrant;

/**
 * A social provider. Its methods throw `ProviderUnavailable` when it does not answer as it should, and ApiError
 * PROVIDER_TOKEN_INVALID when it, or we, refuse what was brought.
 */
export interface Provider {
  /** As it stands in the path. */
  readonly name: string;
  readonly displayName: string;
  readonly clientId: string;
  readonly scopes: readonly string[];
  /** Whether it takes PKCE. */
  readonly pkce: boolean;
  /** Which token it takes from an app. */
  readonly tokenKind: TokenGrant["kind"];
  /** Where people authorize. */
  authorizationEndpoint(): Promise<string>;
  /** Where to send a browser. */
  authorizationUrl(request: AuthorizationRequest): Promise<string>;
  /**
   * Whether the `iss` of an authorization response is this provider's (RFC 9207, section 2.4): a response of another
   * provider must not be taken for its own.
   */
  isOwnIssuer(iss: string | undefined): Promise<boolean>;
  /** Exchanges a code. */
  redeemCode(grant: CodeGrant, now: Date): Promise<ProviderProfile>;
  /** Looks at a token that an app has brought: it must have been made for our application. */
  redeemToken(grant: TokenGrant, now: Date): Promise<ProviderProfile>;
}
