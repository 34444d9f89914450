import * as z from "zod";
import { offersPasskeys, passkeyId, passkeysReply, readPasskeys } from "../../shared/api/passkey.ts";
import { factorName } from "../../shared/api/second-factor.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const renamePasskey = endpoint({
  name: "passkeys-rename",
  method: "PATCH",
  route: "auth/passkeys/{id}",
  path: { id: passkeyId },
  summary: "Rename a passkey",
  access: "session",
  confirmation: "fresh_sign_in",
  offered: offersPasskeys,
  recorded: ["passkey.renamed"],
  refused: "passkey.refused",
  body: z.strictObject({ name: factorName.nullable(), ...sessionProof }),
  reply: passkeysReply,
  message: "Passkey renamed",
  errors: ["NOT_FOUND"],
  async handle({ path: { id }, body: { name }, principal, context, fail }) {
    const { account, sessionId } = principal;
    const accountId = account.id;
    const renamed = { type: "passkey.renamed", accountId, sessionId } as const;
    const rename = await context.services.change(
      context,
      ({ passkeys }) => passkeys.rename({ id, accountId, name }),
      renamed,
    );
    if (!rename) throw fail("NOT_FOUND");
    return { data: await readPasskeys(context, account) };
  },
});
