import * as z from "zod";
import { endpoint } from "../../shared/http/endpoint.ts";
import { toUser, user } from "../../shared/http/schemas.ts";

export const me = endpoint({
  name: "auth-me",
  method: "GET",
  route: "auth/me",
  summary: "Get current user info",
  access: "session",
  reply: z.object({ user }),
  async handle({ principal }) {
    return { data: { user: toUser(principal.account) } };
  },
});
