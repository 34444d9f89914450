import * as z from "zod";
import { unlinkIdentity as unlink } from "../../shared/flows/identities.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { readIdentities } from "../../shared/http/identities.ts";
import { identities, sessionProof } from "../../shared/http/provider-schemas.ts";

export const unlinkIdentity = endpoint({
  name: "social-unlink-identity",
  method: "DELETE",
  route: "auth/me/identities/{provider}",
  summary: "Unlink the account's identities at a provider",
  access: "session",
  confirmation: "fresh_sign_in",
  failureEvent: "identity.refused",
  body: z.strictObject(sessionProof).optional(),
  reply: identities,
  message: "Identity unlinked",
  errors: ["IDENTITY_NOT_FOUND", "LAST_SIGN_IN_METHOD"],
  async handle({ params, principal, client, now, services }) {
    const owner = { accountId: principal.account.id, sessionId: principal.sessionId };
    await unlink(services, { owner, provider: params["provider"] ?? "", client }, now);
    return { data: await readIdentities(services, owner.accountId) };
  },
});
