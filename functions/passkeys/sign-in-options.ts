import * as z from "zod";
import { offersPasskeys, requestOptionsReply } from "../../shared/api/passkey.ts";
import { passkeySignInOptions } from "../../shared/flows/passkeys/sign-in.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const signInOptions = endpoint({
  name: "passkeys-sign-in-options",
  method: "POST",
  route: "auth/passkeys/sign-in/options",
  summary: "Begin to sign in with a passkey",
  description:
    'The options are for `navigator.credentials.get()`, also with `mediation: "conditional"`. They name no passkey, so the browser offers those that it has. Send what it gives to `POST /auth/passkeys/sign-in` within five minutes.',
  access: "public",
  offered: offersPasskeys,
  limits: ["passkey_options"],
  recorded: { nothing: "Anyone may have a challenge, and it changes nothing" },
  refused: { nothing: "Nobody is kept from it" },
  reply: z.object({ options: requestOptionsReply, challenge_id: z.string() }),
  message: "Show a passkey",
  async handle({ context }) {
    return { data: passkeySignInOptions(context) };
  },
});
