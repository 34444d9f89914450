import * as z from "zod";
import { factorId, factorsReply, readFactors } from "../../shared/api/second-factor.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { removeAuthenticator, removeAuthenticatorCodes } from "../../shared/flows/mfa/authenticators.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const removeTotp = endpoint({
  name: "mfa-remove-totp",
  method: "DELETE",
  route: "auth/mfa/totp/{id}",
  path: { id: factorId },
  summary: "Remove an authenticator app",
  description:
    "Ends the account's other sessions. With the last app the recovery codes end, and signing in takes no second factor any more.",
  access: "session",
  confirmation: "fresh_sign_in",
  limits: ["credentials"],
  recorded: ["factor.removed", "session.ended"],
  refused: "factor.refused",
  body: z.strictObject(sessionProof).optional(),
  reply: factorsReply,
  message: "Authenticator app removed",
  errors: removeAuthenticatorCodes,
  async handle({ path, principal, context }) {
    await removeAuthenticator(context, principal, path.id);
    return { data: await readFactors(context, principal.account.id) };
  },
});
