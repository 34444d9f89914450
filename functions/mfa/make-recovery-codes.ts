import * as z from "zod";
import { sessionProof } from "../../shared/api/session.ts";
import { makeRecoveryCodes as make, makeRecoveryCodesCodes } from "../../shared/flows/mfa/recovery-codes.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const makeRecoveryCodes = endpoint({
  name: "mfa-make-recovery-codes",
  method: "POST",
  route: "auth/mfa/recovery-codes",
  summary: "Make new recovery codes",
  description:
    "Ten, each for one sign-in without an authenticator app. Ends those made before. No other call tells them.",
  access: "session",
  confirmation: "fresh_sign_in",
  limits: ["credentials"],
  recorded: ["recovery_codes.made"],
  refused: "factor.refused",
  body: z.strictObject(sessionProof).optional(),
  reply: z.object({ codes: z.array(z.string()) }),
  message: "Recovery codes made",
  errors: makeRecoveryCodesCodes,
  async handle({ principal, context }) {
    return { data: { codes: await make(context, principal) } };
  },
});
