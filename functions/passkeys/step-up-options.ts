import * as z from "zod";
import { offersPasskeys, requestOptionsReply } from "../../shared/api/passkey.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { stepUpOptions as options, stepUpOptionsCodes } from "../../shared/flows/passkeys/factor-options.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const stepUpOptions = endpoint({
  name: "passkeys-step-up-options",
  method: "POST",
  route: "auth/passkeys/step-up/options",
  summary: "Begin to confirm the signed-in person's identity with a passkey",
  description:
    "The options are for `navigator.credentials.get()`; send what it gives to `POST /auth/reauthenticate` as `credential`.",
  access: "session",
  confirmation: "session_proof",
  offered: offersPasskeys,
  limits: ["credentials"],
  recorded: { nothing: "A challenge changes nothing; the passkey that meets it does" },
  refused: "session.reauthentication_failed",
  body: z.strictObject(sessionProof).optional(),
  reply: z.object({ options: requestOptionsReply }),
  message: "Show a passkey",
  errors: stepUpOptionsCodes,
  async handle({ principal, context }) {
    return { data: { options: await options(context, principal) } };
  },
});
