import * as z from "zod";
import { identitiesReply, readIdentities } from "../../shared/api/identity.ts";
import { providerName } from "../../shared/api/path.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { removeIdentity, removeIdentityCodes } from "../../shared/flows/social/identities.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const unlinkIdentity = endpoint({
  name: "social-unlink-identity",
  method: "DELETE",
  route: "auth/me/identities/{provider}",
  path: { provider: { ...providerName, otherwise: "IDENTITY_NOT_FOUND" } },
  summary: "Unlink the account's identities at a provider",
  access: "session",
  confirmation: "fresh_sign_in",
  recorded: ["identity.unlinked", "session.ended"],
  refused: "identity.refused",
  body: z.strictObject(sessionProof).optional(),
  reply: identitiesReply,
  message: "Identity unlinked",
  errors: removeIdentityCodes,
  async handle({ path, principal, context }) {
    const owner = { accountId: principal.account.id, sessionId: principal.sessionId };
    await removeIdentity(context, { owner, provider: path.provider });
    return { data: await readIdentities(context, owner.accountId) };
  },
});
