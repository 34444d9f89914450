/**
 * The token of an `Authorization: Bearer` header (RFC 6750, section 2.1); undefined if there is none, or another
 * scheme.
 */
export function bearerToken(authorization: string | null): string | undefined {
  return /^Bearer +([\w.~+/=-]+)$/i.exec(authorization ?? "")?.[1];
}
