import type { Algorithm } from "./settings.ts";

export type ServerMetadata = ReturnType<typeof createServerMetadata>;

/**
 * The service's authorization server metadata: RFC 8414, plus as much of OpenID Connect Discovery as gateways need. All
 * addresses come from the issuer, whatever host a request names.
 */
export function createServerMetadata({ issuer, algorithm }: { issuer: string; algorithm: Algorithm }) {
  const at = (path: string) => `${issuer}${path}`;
  return {
    issuer,
    authorization_endpoint: at("/oauth/authorize"),
    token_endpoint: at("/oauth/token"),
    jwks_uri: at("/.well-known/jwks.json"),
    revocation_endpoint: at("/oauth/revoke"),
    introspection_endpoint: at("/oauth/introspect"),
    // Both documents require it, and some clients reject an empty list; the authorization endpoint refuses requests
    // until it is built.
    response_types_supported: ["code"],
    grant_types_supported: ["client_credentials", "refresh_token"],
    subject_types_supported: ["public"],
    // Discovery requires RS256 in this list; there are no id tokens yet.
    id_token_signing_alg_values_supported: [...new Set([algorithm, "RS256"])],
    token_endpoint_auth_methods_supported: [...withSecret, "none"],
    revocation_endpoint_auth_methods_supported: [...withSecret, "none"],
    introspection_endpoint_auth_methods_supported: withSecret,
    claims_supported: [...claims, ...(algorithm === "HS256" ? [] : ["status"])],
  };
}

const claims = ["iss", "aud", "sub", "client_id", "jti", "iat", "exp", "sid", "scope", "auth_time", "acr", "amr"];
const withSecret = ["client_secret_basic", "client_secret_post"];
