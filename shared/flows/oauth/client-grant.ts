import type { CallContext } from "../../context.ts";
import { randomUUID } from "node:crypto";
import type { OAuthClient } from "../../clients/client.ts";
import { addSeconds } from "../../platform/clock.ts";

/** When no status index is free. */
export const grantClientTokenCodes = ["OVERLOADED"] as const;

/**
 * Issues a client an access token of its own (RFC 6749, section 4.4).
 * @returns undefined if the client was disabled in the meantime
 * @throws ApiError OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function grantClientToken(
  context: CallContext,
  { caller, scope }: { caller: OAuthClient; scope: string },
): Promise<{ token: string; expiresInSeconds: number } | undefined> {
  const { services, now } = context;
  const { clients, tokens, config } = services;
  const tokenId = randomUUID();
  const expiresAt = addSeconds(now, config.tokens.ttlSeconds);
  const statusIndex = await services.transaction(
    context,
    async (tx) => {
      const index = await tx.clients.tokens.begin({ id: tokenId, clientId: caller.id, issuedAt: now, expiresAt });
      await tx.audit.append({ type: "client.token_issued", clientId: caller.id, tokenId });
      return index;
    },
    { isRepeatable: true },
  );
  // Disabling a client revokes its tokens afterwards: either this sees the client disabled, or the token is among them.
  const row = await clients.find(caller.id);
  if (row?.disabled_at !== null) return undefined;
  return tokens.access.issue({ clientId: caller.id, tokenId, statusIndex, scope }, now);
}
