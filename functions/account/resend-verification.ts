import * as z from "zod";
import { email } from "../../shared/api/account.ts";
import { requestFailurePage, sentPage } from "../../shared/api/mailed-links/pages.ts";
import { atEvenTime } from "../../shared/flows/even-time.ts";
import { resendVerification as resend } from "../../shared/flows/account/resend-verification.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { envelopeOrForm } from "../../shared/http/formats/form.ts";

export const resendVerification = endpoint({
  name: "account-resend-verification",
  method: "POST",
  route: "auth/email/resend",
  summary: "Get another mail that proves an email address",
  description:
    "Answers alike for every address. A new mail ends the link and the code of the one before. If several registrations of the address wait, it completes none of them: the account has no password, and a further mail chooses one.",
  access: "public",
  limits: ["mail", "mail_network"],
  recorded: ["verification.requested"],
  refused: { nothing: "Every address gets the same answer" },
  format: envelopeOrForm({ shown: (_reply, locale) => sentPage(locale), failed: requestFailurePage("resend") }),
  body: z.strictObject({ email }),
  reply: z.object({ verification: z.literal("sent") }),
  status: 202,
  message: "If the address is waiting to be verified, a mail is on its way",
  async handle({ body, context }) {
    await atEvenTime(context.services.clock, () => resend(context, body.email));
    return { data: { verification: "sent" as const } };
  },
});
