import * as z from "zod";
import { sessionProof } from "../../shared/api/session.ts";
import { deleteAccount, deleteAccountCodes } from "../../shared/flows/account/delete-account.ts";
import { clearedRefreshCookies } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const deleteMe = endpoint({
  name: "account-delete",
  method: "DELETE",
  route: "auth/me",
  summary: "Delete the account",
  description:
    "Deactivates the account at once and ends its sessions. Until `erased_at`, `POST /auth/me/deletion/cancel` restores it; then all that is held about the person is erased.",
  access: "session",
  confirmation: "fresh_sign_in",
  usesCookies: true,
  recorded: ["account.deletion_requested", "session.ended"],
  refused: "account.deletion_refused",
  body: z.strictObject(sessionProof).optional(),
  reply: z.object({ erased_at: z.string().describe("When it will be erased") }),
  message: "Account deactivated",
  errors: deleteAccountCodes,
  async handle({ principal, cookies, context }) {
    const erasedAt = await deleteAccount(context, principal);
    return {
      data: { erased_at: erasedAt.toISOString() },
      cookies: clearedRefreshCookies(context.services.config, cookies),
    };
  },
});
