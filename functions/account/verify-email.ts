import * as z from "zod";
import { email } from "../../shared/api/account.ts";
import { linkFailurePage, verifiedPage } from "../../shared/api/mailed-links/pages.ts";
import { verifyEmail as verify, verifyEmailCodes } from "../../shared/flows/account/verify-email.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { envelopeOrForm } from "../../shared/http/formats/form.ts";

const body = z
  .strictObject({
    token: z.string().optional().describe("From the mail's link"),
    email: email.optional(),
    code: z
      .string()
      .regex(/^\d{6}$/, "must have six digits")
      .optional()
      .describe("From the mail, with `email`"),
  })
  .superRefine(({ token, email: address, code }, context) => {
    const refuse = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    const isByCode = address !== undefined || code !== undefined;
    if (token !== undefined && isByCode) refuse("token", "cannot be combined with email and code");
    if (token === undefined && !isByCode) refuse("token", "is required, unless email and code are given");
    if (isByCode && address === undefined) refuse("email", "is required with code");
    if (isByCode && code === undefined) refuse("code", "is required with email");
  });

export const verifyEmail = endpoint({
  name: "account-verify-email",
  method: "POST",
  route: "auth/email/verify",
  summary: "Prove an email address with the link or the code of a mail",
  description:
    "Takes `token`, or `email` and `code`, as JSON or as a form, which is answered with a page. Succeeds again for 24 hours. Starts no session.",
  access: "public",
  limits: ["one_time_tokens"],
  format: envelopeOrForm({
    shown: (_reply, locale, config) => verifiedPage(config, locale),
    failed: linkFailurePage("resend"),
  }),
  recorded: ["account.address_proven", "account.registered", "session.ended", "identity.unlinked"],
  refused: { TOKEN_INVALID_OR_EXPIRED: "verification.refused" },
  body,
  reply: z.object({ email_verified: z.literal(true) }),
  message: "Email address verified",
  errors: verifyEmailCodes,
  async handle({ body: { token, email: address = "", code = "" }, context }) {
    await verify(context, token === undefined ? { email: address, code } : { token });
    return { data: { email_verified: true as const } };
  },
});
