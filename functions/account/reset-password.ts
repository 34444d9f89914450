import * as z from "zod";
import { adviceOn, linkFailurePage, resetDonePage, resetPage } from "../../shared/api/mailed-links/pages.ts";
import { findReset, resetPassword as reset, resetPasswordCodes } from "../../shared/flows/account/reset-password.ts";
import { presentedDevice } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { envelopeOrForm } from "../../shared/http/formats/form.ts";

const failed = linkFailurePage("forgot");

export const resetPassword = endpoint({
  name: "account-reset-password",
  method: "POST",
  route: "auth/password/reset",
  summary: "Choose a new password with the link of a mail",
  description:
    "Takes JSON, or a form, which is answered with a page. Ends all sessions and proves the address. A password that is refused leaves the link good.",
  access: "public",
  limits: ["one_time_tokens"],
  format: envelopeOrForm({
    shown: (_reply, locale, config) => resetDonePage(config, locale),
    failed,
    typed: ["password"],
  }),
  recorded: ["password.reset", "account.address_proven", "session.ended", "identity.unlinked"],
  refused: { TOKEN_INVALID_OR_EXPIRED: "password.reset_refused" },
  // Whatever is wrong with the password, the flow tells it: then the page shows its form again.
  body: z.strictObject({ token: z.string().describe("From the mail's link"), password: z.string() }),
  reply: z.object({ password_changed: z.literal(true) }),
  message: "Password changed",
  errors: resetPasswordCodes,
  async handle({ body, cookies, context, showErrors }) {
    const { locale, services } = context;
    const { minLength } = services.config.passwords;
    const found = await findReset(context, body.token);
    showErrors((error) => {
      if (error.code !== "VALIDATION_ERROR" || !found) return failed(error, locale);
      const refused = { isRefused: true, advice: adviceOn(error) };
      return resetPage({ token: body.token, email: found.email, minLength, ...refused }, locale);
    });
    const device = presentedDevice(services.config, { cookies });
    await reset(context, { found, password: body.password, device });
    return { data: { password_changed: true as const } };
  },
});
