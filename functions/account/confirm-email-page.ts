import * as z from "zod";
import { changeFailurePage, changePage } from "../../shared/api/mailed-links/pages.ts";
import { parameter } from "../../shared/api/provider-answer.ts";
import { findChange } from "../../shared/flows/account/confirm-email.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { opensPage } from "../../shared/http/leaves-nothing.ts";
import { linkedPage } from "../../shared/http/formats/form.ts";
import { pageReply } from "../../shared/http/formats/page.ts";

/** What a mail's link opens. A visit changes nothing: the page's button posts. */
export const confirmEmailPage = endpoint({
  name: "account-confirm-email-page",
  method: "GET",
  route: "auth/email/confirm",
  summary: "Page that asks to confirm a new email address",
  access: "public",
  limits: ["one_time_tokens"],
  ...opensPage,
  refused: { TOKEN_INVALID_OR_EXPIRED: "account.email_change_refused" },
  format: linkedPage(changeFailurePage),
  query: z.object({ token: parameter }),
  reply: pageReply,
  errors: ["TOKEN_INVALID_OR_EXPIRED"],
  async handle({ query: { token }, context, fail }) {
    const found = typeof token === "string" ? await findChange(context, token) : undefined;
    if (!found || typeof token !== "string") throw fail("TOKEN_INVALID_OR_EXPIRED");
    return { data: changePage({ token, email: found.email }, context.locale) };
  },
});
