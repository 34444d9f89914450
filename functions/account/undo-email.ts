import * as z from "zod";
import { resetPage, undoFailurePage } from "../../shared/api/mailed-links/pages.ts";
import { undoEmail as undo, undoEmailCodes } from "../../shared/flows/account/undo-email.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import type { Locale } from "../../shared/platform/locale.ts";
import { envelopeOrForm } from "../../shared/http/formats/form.ts";

const reply = z.object({
  email: z.string().describe("The account's address again"),
  reset_token: z.string().describe("For `POST /auth/password/reset`: the account has no password until then"),
  password_min_length: z.number(),
});

/** The next page asks for a new password. */
function nextPage(
  { email, reset_token: token, password_min_length: minLength }: z.output<typeof reply>,
  locale: Locale,
) {
  return resetPage({ token, email, minLength, isRefused: false, action: "../password/reset" }, locale);
}

export const undoEmail = endpoint({
  name: "account-undo-email",
  method: "POST",
  route: "auth/email/undo",
  summary: "Give the account its old email address back, with the link of a mail",
  description:
    "Takes JSON, or a form, which is answered with a page. Ends all sessions, and removes the password, all linked identities and what later changes of the address left.",
  access: "public",
  limits: ["one_time_tokens"],
  format: envelopeOrForm({ shown: nextPage, failed: undoFailurePage }),
  recorded: ["account.email_change_undone", "identity.unlinked", "passkey.removed", "session.ended"],
  refused: "account.email_change_refused",
  body: z.strictObject({ token: z.string().describe("From the mail's link") }),
  reply,
  message: "Email address restored",
  errors: undoEmailCodes,
  async handle({ body, context }) {
    const { email, resetToken } = await undo(context, body.token);
    const { minLength } = context.services.config.passwords;
    return { data: { email, reset_token: resetToken, password_min_length: minLength } };
  },
});
