import * as z from "zod";
import { linkFailurePage, resetPage } from "../../shared/api/mailed-links/pages.ts";
import { parameter } from "../../shared/api/provider-answer.ts";
import { findReset } from "../../shared/flows/account/reset-password.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { opensPage } from "../../shared/http/leaves-nothing.ts";
import { linkedPage } from "../../shared/http/formats/form.ts";
import { pageReply } from "../../shared/http/formats/page.ts";

/** What a mail's link opens. A visit changes nothing: the page's form posts. */
export const resetPasswordPage = endpoint({
  name: "account-reset-password-page",
  method: "GET",
  route: "auth/password/reset",
  summary: "Page to choose a new password",
  access: "public",
  limits: ["one_time_tokens"],
  ...opensPage,
  refused: { TOKEN_INVALID_OR_EXPIRED: "password.reset_refused" },
  format: linkedPage(linkFailurePage("forgot")),
  query: z.object({ token: parameter }),
  reply: pageReply,
  errors: ["TOKEN_INVALID_OR_EXPIRED"],
  async handle({ query: { token }, context, fail }) {
    const found = typeof token === "string" ? await findReset(context, token) : undefined;
    if (!found || typeof token !== "string") throw fail("TOKEN_INVALID_OR_EXPIRED");
    const { minLength } = context.services.config.passwords;
    return { data: resetPage({ token, email: found.email, minLength, isRefused: false }, context.locale) };
  },
});
