import { identitiesReply, readIdentities } from "../../shared/api/identity.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const identities = endpoint({
  name: "social-identities",
  method: "GET",
  route: "auth/me/identities",
  summary: "List the account's sign-in methods",
  access: "session",
  limits: ["reads"],
  reply: identitiesReply,
  async handle({ principal, context }) {
    return { data: await readIdentities(context, principal.account.id) };
  },
});
