import * as z from "zod";
import { toUser, user } from "../../shared/api/account.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsOwnData } from "../../shared/http/leaves-nothing.ts";

export const me = endpoint({
  name: "auth-me",
  method: "GET",
  route: "auth/me",
  summary: "Get current user info",
  access: "session",
  limits: ["reads"],
  ...readsOwnData,
  reply: z.object({ user }),
  async handle({ principal }) {
    return { data: { user: toUser(principal.account) } };
  },
});
