import * as z from "zod";
import { email } from "../../shared/api/account.ts";
import { requestFailurePage, sentPage } from "../../shared/api/mailed-links/pages.ts";
import { atEvenTime } from "../../shared/flows/even-time.ts";
import { forgotPassword as forgot } from "../../shared/flows/account/forgot-password.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { envelopeOrForm } from "../../shared/http/formats/form.ts";

export const forgotPassword = endpoint({
  name: "account-forgot-password",
  method: "POST",
  route: "auth/password/forgot",
  summary: "Get a mail to choose a new password",
  description: "Answers alike for every address. A new mail ends the link of the one before.",
  access: "public",
  limits: ["reset_mail", "mail_network"],
  recorded: ["password.reset_requested"],
  refused: { nothing: "Every address gets the same answer" },
  format: envelopeOrForm({ shown: (_reply, locale) => sentPage(locale), failed: requestFailurePage("forgot") }),
  body: z.strictObject({ email }),
  reply: z.object({ reset: z.literal("sent") }),
  status: 202,
  message: "If the address belongs to an account, a mail is on its way",
  async handle({ body, context }) {
    await atEvenTime(context.services.clock, () => forgot(context, body.email));
    return { data: { reset: "sent" as const } };
  },
});
