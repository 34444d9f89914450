import * as z from "zod";
import { changedPage, changeFailurePage } from "../../shared/api/mailed-links/pages.ts";
import { confirmEmail as confirm, confirmEmailCodes } from "../../shared/flows/account/confirm-email.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { envelopeOrForm } from "../../shared/http/formats/form.ts";

export const confirmEmail = endpoint({
  name: "account-confirm-email",
  method: "POST",
  route: "auth/email/confirm",
  summary: "Make a new email address the account's, with the link of a mail",
  description: "Takes JSON, or a form, which is answered with a page. The old address gets a link that undoes it.",
  access: "public",
  limits: ["one_time_tokens"],
  format: envelopeOrForm({
    shown: (_reply, locale, config) => changedPage(config, locale),
    failed: changeFailurePage,
  }),
  recorded: ["account.email_changed"],
  refused: "account.email_change_refused",
  body: z.strictObject({ token: z.string().describe("From the mail's link") }),
  reply: z.object({ email_changed: z.literal(true) }),
  message: "Email address changed",
  errors: confirmEmailCodes,
  async handle({ body, context }) {
    await confirm(context, body.token);
    return { data: { email_changed: true as const } };
  },
});
