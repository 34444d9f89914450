import type { CallContext } from "../context.ts";
import { ApiError } from "../platform/errors/api-error.ts";
import type { Principal } from "../sessions/session-queries.ts";

/** The token of an `Authorization: Bearer` header (RFC 6750, section 2.1); undefined for none and for other schemes. */
export function bearerToken(authorization: string | null): string | undefined {
  return /^Bearer +([\w.~+/=-]+)$/i.exec(authorization ?? "")?.[1];
}

/**
 * Who is calling: verifies the access token, then reads its session and account, so that a logout ends it at once.
 * @throws ApiError UNAUTHENTICATED or TOKEN_EXPIRED
 */
export async function authenticate({ services, now }: CallContext, authorization: string | null): Promise<Principal> {
  const token = bearerToken(authorization);
  if (token === undefined) throw new ApiError("UNAUTHENTICATED");
  const { accountId, sessionId } = await services.accessTokens.verify(token, now);
  const principal = await services.sessions.findPrincipal(sessionId, now);
  if (principal?.account.id !== accountId) throw new ApiError("UNAUTHENTICATED");
  return principal;
}
