import * as z from "zod";
import { accountExport, readAccountExport } from "../../shared/api/account-export.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const exportAccount = endpoint({
  name: "account-export",
  method: "POST",
  route: "auth/me/export",
  summary: "Export all that is held about the person",
  description: "Without secrets: a password, a token or a code is not part of it, nor is a hash of one.",
  access: "session",
  confirmation: "fresh_sign_in",
  limits: ["export"],
  recorded: ["account.exported"],
  refused: "account.export_refused",
  body: z.strictObject(sessionProof).optional(),
  reply: accountExport,
  message: "Account exported",
  async handle({ principal, context }) {
    const { account, sessionId } = principal;
    const data = await readAccountExport(context, account);
    await context.services.audit.record(context, { type: "account.exported", accountId: account.id, sessionId });
    return { data };
  },
});
