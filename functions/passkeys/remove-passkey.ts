import * as z from "zod";
import { offersPasskeys, passkeyId, passkeysReply, readPasskeys } from "../../shared/api/passkey.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { removePasskey as remove, removePasskeyCodes } from "../../shared/flows/passkeys/remove.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const removePasskey = endpoint({
  name: "passkeys-remove",
  method: "DELETE",
  route: "auth/passkeys/{id}",
  path: { id: passkeyId },
  summary: "Remove a passkey",
  description: "Ends the account's other sessions. Tell the browser with what `signal` says.",
  access: "session",
  confirmation: "fresh_sign_in",
  offered: offersPasskeys,
  limits: ["credentials"],
  recorded: ["passkey.removed", "session.ended"],
  refused: "passkey.refused",
  body: z.strictObject(sessionProof).optional(),
  reply: passkeysReply,
  message: "Passkey removed",
  errors: removePasskeyCodes,
  async handle({ path, principal, context }) {
    await remove(context, principal, path.id);
    return { data: await readPasskeys(context, principal.account) };
  },
});
