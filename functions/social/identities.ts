import { endpoint } from "../../shared/http/endpoint.ts";
import { readIdentities } from "../../shared/http/identities.ts";
import { identitiesReply } from "../../shared/http/provider-schemas.ts";

export const identities = endpoint({
  name: "social-identities",
  method: "GET",
  route: "auth/me/identities",
  summary: "List the account's sign-in methods",
  access: "session",
  reply: identitiesReply,
  async handle({ principal, context }) {
    return { data: await readIdentities(context, principal.account.id) };
  },
});
