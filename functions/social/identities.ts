import { endpoint } from "../../shared/http/endpoint.ts";
import { readIdentities } from "../../shared/http/identities.ts";
import { identities as reply } from "../../shared/http/provider-schemas.ts";

export const identities = endpoint({
  name: "social-identities",
  method: "GET",
  route: "auth/me/identities",
  summary: "List the account's sign-in methods",
  access: "session",
  reply,
  async handle({ principal, services }) {
    return { data: await readIdentities(services, principal.account.id) };
  },
});
