import * as z from "zod";
import { email } from "../../shared/api/account.ts";
import { sessionProof } from "../../shared/api/session.ts";
import { requestEmailChange, requestEmailChangeCodes } from "../../shared/flows/account/change-email.ts";
import { atEvenTime } from "../../shared/flows/even-time.ts";
import { endpoint } from "../../shared/http/endpoint.ts";

export const changeEmail = endpoint({
  name: "account-change-email",
  method: "POST",
  route: "auth/email/change",
  summary: "Get a mail that makes another email address the account's",
  description:
    "Answers alike for every other address, also if an account has it. The address changes once the mail's link is confirmed.",
  access: "session",
  confirmation: "fresh_sign_in",
  limits: ["mail", "mail_network"],
  recorded: ["account.email_change_requested"],
  refused: "account.email_change_refused",
  body: z.strictObject({ email, ...sessionProof }),
  reply: z.object({ confirmation: z.literal("sent") }),
  status: 202,
  message: "A mail is on its way to the new address",
  errors: requestEmailChangeCodes,
  async handle({ body, principal, context }) {
    const { clock } = context.services;
    await atEvenTime(clock, () => requestEmailChange(context, { principal, email: body.email }));
    return { data: { confirmation: "sent" as const } };
  },
});
