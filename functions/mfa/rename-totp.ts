import * as z from "zod";
import { factorId, factorName, factorsReply, readFactors } from "../../shared/api/second-factor.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const renameTotp = endpoint({
  name: "mfa-rename-totp",
  method: "PATCH",
  route: "auth/mfa/totp/{id}",
  path: { id: factorId },
  summary: "Rename an authenticator app",
  access: "session",
  confirmation: "fresh_sign_in",
  recorded: ["factor.renamed"],
  refused: "factor.refused",
  body: z.strictObject({ name: factorName.nullable(), ...sessionProof }),
  reply: factorsReply,
  message: "Authenticator app renamed",
  errors: ["NOT_FOUND"],
  async handle({ path: { id }, body: { name }, principal, context, fail }) {
    const { account, sessionId } = principal;
    const accountId = account.id;
    const renamed = { type: "factor.renamed", accountId, sessionId, reason: "totp" } as const;
    const rename = await context.services.change(
      context,
      ({ mfa }) => mfa.totp.rename({ id, accountId, name }),
      renamed,
    );
    if (!rename) throw fail("NOT_FOUND");
    return { data: await readFactors(context, accountId) };
  },
});
