import * as z from "zod";
import { endedReply } from "../../shared/api/own-session.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { endOtherSessions } from "../../shared/flows/sessions/own-sessions.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const endOthers = endpoint({
  name: "account-end-sessions",
  method: "DELETE",
  route: "auth/sessions",
  summary: "End all other sessions of the account",
  access: "session",
  confirmation: "session_proof",
  recorded: ["session.ended"],
  refused: "session.end_refused",
  body: z.strictObject(sessionProof).optional(),
  reply: endedReply,
  message: "Other sessions ended",
  async handle({ principal, context }) {
    return { data: { ended: await endOtherSessions(context, principal) } };
  },
});
