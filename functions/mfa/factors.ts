import { factorsReply, readFactors } from "../../shared/api/second-factor.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readsOwnData } from "../../shared/http/leaves-nothing.ts";

export const factors = endpoint({
  name: "mfa-factors",
  method: "GET",
  route: "auth/mfa",
  summary: "List the account's second factors",
  access: "session",
  limits: ["reads"],
  ...readsOwnData,
  reply: factorsReply,
  async handle({ principal, context }) {
    return { data: await readFactors(context, principal.account.id) };
  },
});
