import { endpoint } from "../../shared/http/endpoint.ts";
import { readIdentities } from "../../shared/http/identities.ts";
import { identities as reply } from "../../shared/http/provider-schemas.ts";

export const identities = endpoint({
  name: "social-identities",
  method: "GET",
  route: "auth/me/identities",
  summary: "The identities by which one can sign in to the account",
  access: "session",
  reply,
  async handle({ principal, services }) {
    return { data: await readIdentities(services, principal.account.id) };
  },
});
