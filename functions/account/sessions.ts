import { readSessions, sessionsReply } from "../../shared/api/own-session.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsOwnData } from "../../shared/http/leaves-nothing.ts";

export const sessions = endpoint({
  name: "account-sessions",
  method: "GET",
  route: "auth/sessions",
  summary: "List where the account is signed in",
  description: "The session used last comes first.",
  access: "session",
  limits: ["reads"],
  ...readsOwnData,
  reply: sessionsReply,
  async handle({ principal, context }) {
    return { data: await readSessions(context, principal) };
  },
});
