import * as z from "zod";
import { creationOptionsReply, offersPasskeys } from "../../shared/api/passkey.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { passkeyOptions as options, passkeyOptionsCodes } from "../../shared/flows/passkeys/register.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const passkeyOptions = endpoint({
  name: "passkeys-options",
  method: "POST",
  route: "auth/passkeys/options",
  summary: "Begin to add a passkey",
  description:
    'The options are for `navigator.credentials.create()`; send what it gives to `POST /auth/passkeys` within five minutes. With `conditional: true` they are for `mediation: "conditional"`, within five minutes of a sign-in with a password.',
  access: "session",
  confirmation: "fresh_sign_in",
  offered: offersPasskeys,
  limits: ["credentials"],
  recorded: { nothing: "A challenge changes nothing; the passkey that meets it does" },
  refused: "passkey.refused",
  body: z
    .strictObject({
      conditional: z.boolean().optional().describe("Whether the browser makes the passkey by itself"),
      ...sessionProof,
    })
    .optional(),
  reply: z.object({ options: creationOptionsReply }),
  message: "Make a passkey",
  errors: passkeyOptionsCodes,
  async handle({ body, principal, context }) {
    return { data: { options: await options(context, principal, { isConditional: body?.conditional ?? false }) } };
  },
});
