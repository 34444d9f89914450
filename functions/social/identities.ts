import { identitiesReply, readIdentities } from "../../shared/api/identity.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsOwnData } from "../../shared/http/leaves-nothing.ts";

export const identities = endpoint({
  name: "social-identities",
  method: "GET",
  route: "auth/me/identities",
  summary: "List the account's sign-in methods",
  access: "session",
  limits: ["reads"],
  ...readsOwnData,
  reply: identitiesReply,
  async handle({ principal, context }) {
    return { data: await readIdentities(context, principal.account.id) };
  },
});
