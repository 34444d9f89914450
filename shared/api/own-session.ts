import * as z from "zod";
import type { CallContext } from "../context.ts";
import { describeUserAgent } from "../devices/user-agent.ts";
import type { Principal } from "../sessions/session-queries.ts";

const named = z.string().nullable();

/** A person's live sessions. */
export const sessionsReply = z.object({
  sessions: z.array(
    z.object({
      id: z.string(),
      device: named.describe("`iPhone`, `phone` or `desktop`, for example; null if unknown"),
      browser: named,
      os: named,
      address: named.describe("The network address it was signed in or refreshed from last; null if unknown"),
      created_at: z.string(),
      last_used_at: z.string().describe("To within five minutes"),
      current: z.boolean().describe("Whether it is the session of this call"),
    }),
  ),
});

export const endedReply = z.object({ ended: z.number().describe("How many sessions this call ended") });

/** The live sessions of a person, the one used last first. @throws ApiError DATABASE_UNAVAILABLE */
export async function readSessions(
  { services, now }: CallContext,
  principal: Principal,
): Promise<z.input<typeof sessionsReply>> {
  const sessions = await services.sessions.listInUse(principal.account.id, now);
  return {
    sessions: sessions.map(({ sessionId, userAgent, address, createdAt, lastUsedAt }) => {
      const { device, browser, os } = describeUserAgent(userAgent);
      return {
        id: sessionId,
        device,
        browser,
        os,
        address,
        created_at: createdAt.toISOString(),
        last_used_at: lastUsedAt.toISOString(),
        current: sessionId === principal.sessionId,
      };
    }),
  };
}
