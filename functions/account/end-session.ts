import * as z from "zod";
import { endedReply } from "../../shared/api/own-session.ts";
import { sessionId } from "../../shared/api/path.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { endOwnSession } from "../../shared/flows/sessions/own-sessions.ts";
import { clearedRefreshCookies } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const endSession = endpoint({
  name: "account-end-session",
  method: "DELETE",
  route: "auth/sessions/{id}",
  path: { id: sessionId },
  summary: "End one of the account's sessions",
  description: "Ending the session of this call also clears its cookie.",
  access: "session",
  confirmation: "session_proof",
  recorded: ["session.ended"],
  refused: "session.end_refused",
  body: z.strictObject(sessionProof).optional(),
  reply: endedReply,
  message: "Session ended",
  errors: ["NOT_FOUND"],
  async handle({ path, principal, cookies, context, fail }) {
    if (!(await endOwnSession(context, principal, path.id))) throw fail("NOT_FOUND");
    const isOwn = path.id === principal.sessionId;
    const { config } = context.services;
    return { data: { ended: 1 }, ...(isOwn && { cookies: clearedRefreshCookies(config, cookies) }) };
  },
});
