import { identitiesReply, readIdentities } from "../../shared/api/identity.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const identities = endpoint({
  name: "social-identities",
  method: "GET",
  route: "auth/me/identities",
  summary: "The identities by which one can sign in to the account",
  access: "session",
  reply: identitiesReply,
  async handle({ principal, context }) {
    return { data: await readIdentities(context, principal.account.id) };
  },
});
