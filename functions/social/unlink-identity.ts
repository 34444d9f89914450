import * as z from "zod";
import { removeIdentity } from "../../shared/flows/identities.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readIdentities } from "../../shared/http/identities.ts";
import { identitiesReply, sessionProof } from "../../shared/http/provider-schemas.ts";

export const unlinkIdentity = endpoint({
  name: "social-unlink-identity",
  method: "DELETE",
  route: "auth/me/identities/{provider}",
  summary: "Unlink the account's identities at a provider",
  access: "session",
  confirmation: "fresh_sign_in",
  failureEvent: "identity.refused",
  body: z.strictObject(sessionProof).optional(),
  reply: identitiesReply,
  message: "Identity unlinked",
  errors: ["IDENTITY_NOT_FOUND", "LAST_SIGN_IN_METHOD"],
  async handle({ params, principal, context }) {
    const owner = { accountId: principal.account.id, sessionId: principal.sessionId };
    await removeIdentity(context, { owner, provider: params["provider"] ?? "" });
    return { data: await readIdentities(context, owner.accountId) };
  },
});
