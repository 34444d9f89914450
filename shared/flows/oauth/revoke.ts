import type { CallContext } from "../../context.ts";
import type { OAuthClient } from "../../clients/client.ts";
import { readAccessToken } from "./look-up-token.ts";
import { endSessions } from "../sessions/end-sessions.ts";

/**
 * Revokes a client's token. A refresh token, or an access token of a sign-in, ends its session with all of its tokens
 * (RFC 7009, section 2.1); for a client's own access token, only that token ends.
 * @throws ApiError DATABASE_UNAVAILABLE
 */
export async function revokeToken(
  context: CallContext,
  { token, caller }: { token: string; caller: OAuthClient },
): Promise<Revocation> {
  const { services, now, source } = context;
  const access = await readAccessToken(context, token);
  if (access && access.clientId !== caller.id) return "foreign";
  if (access && access.sessionId === undefined) {
    const { tokenId } = access;
    const own = { id: tokenId, clientId: caller.id };
    const event = { type: "client.token_revoked", clientId: caller.id, tokenId } as const;
    await services.change(context, ({ clients }) => clients.tokens.revoke(own, now), {
      kept: [event],
      lines: (isRevoked) => (isRevoked ? [event] : []),
    });
    return "revoked";
  }
  if (!access) {
    const named = await services.sessions.findByRefreshToken(services.sessions.present(token, source), now);
    if (!named) return "unknown";
    if (caller.id !== services.config.tokens.clientId) return "foreign";
  }
  const credentials = access
    ? { accessToken: token, refreshTokens: [] }
    : { accessToken: undefined, refreshTokens: [token] };
  await endSessions(context, { scope: "local", ...credentials });
  return "revoked";
}

/** The outcome; an unknown token counts as revoked (RFC 7009, section 2.2). */
export type Revocation = "revoked" | "unknown" | "foreign";
