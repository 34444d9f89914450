import * as z from "zod";
import { createdCredential, offersPasskeys, passkeysReply, readPasskeys } from "../../shared/api/passkey.ts";
import { factorName } from "../../shared/api/second-factor.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { addPasskey as add, addPasskeyCodes } from "../../shared/flows/passkeys/register.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const addPasskey = endpoint({
  name: "passkeys-add",
  method: "POST",
  route: "auth/passkeys",
  summary: "Add a passkey",
  description:
    "Takes what the browser made of `POST /auth/passkeys/options`. If the answer is lost, send the same again: the passkey is added once.",
  access: "session",
  confirmation: "fresh_sign_in",
  offered: offersPasskeys,
  limits: ["credentials"],
  recorded: ["passkey.added"],
  refused: "passkey.refused",
  body: z.strictObject({ name: factorName.optional(), credential: createdCredential, ...sessionProof }),
  reply: passkeysReply,
  message: "Passkey added",
  errors: addPasskeyCodes,
  async handle({ body: { name = null, credential }, principal, context }) {
    await add(context, principal, { credential, name });
    return { data: await readPasskeys(context, principal.account) };
  },
});
