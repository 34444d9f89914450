import * as z from "zod";
import { undoFailurePage, undoPage } from "../../shared/api/mailed-links/pages.ts";
import { parameter } from "../../shared/api/provider-answer.ts";
import { findUndo } from "../../shared/flows/account/undo-email.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { opensPage } from "../../shared/http/leaves-nothing.ts";
import { linkedPage } from "../../shared/http/formats/form.ts";
import { pageReply } from "../../shared/http/formats/page.ts";

/** What a mail's link opens. A visit changes nothing: the page's button posts. */
export const undoEmailPage = endpoint({
  name: "account-undo-email-page",
  method: "GET",
  route: "auth/email/undo",
  summary: "Page that asks to undo a change of the email address",
  access: "public",
  limits: ["one_time_tokens"],
  ...opensPage,
  refused: { TOKEN_INVALID_OR_EXPIRED: "account.email_change_refused" },
  format: linkedPage(undoFailurePage),
  query: z.object({ token: parameter }),
  reply: pageReply,
  errors: ["TOKEN_INVALID_OR_EXPIRED"],
  async handle({ query: { token }, context, fail }) {
    const found = typeof token === "string" ? await findUndo(context, token) : undefined;
    if (!found || typeof token !== "string") throw fail("TOKEN_INVALID_OR_EXPIRED");
    return { data: undoPage({ token, email: found.email }, context.locale) };
  },
});
