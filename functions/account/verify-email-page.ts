import * as z from "zod";
import { linkFailurePage, verifiedPage, verifyPage } from "../../shared/api/mailed-links/pages.ts";
import { parameter } from "../../shared/api/provider-answer.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { opensPage } from "../../shared/http/leaves-nothing.ts";
import { linkedPage } from "../../shared/http/formats/form.ts";
import { pageReply } from "../../shared/http/formats/page.ts";

/** What a mail's link opens. A visit changes nothing: the page's button posts. */
export const verifyEmailPage = endpoint({
  name: "account-verify-email-page",
  method: "GET",
  route: "auth/email/verify",
  summary: "Page that asks to confirm an email address",
  access: "public",
  limits: ["one_time_tokens"],
  ...opensPage,
  refused: { TOKEN_INVALID_OR_EXPIRED: "verification.refused" },
  format: linkedPage(linkFailurePage("resend")),
  query: z.object({ token: parameter }),
  reply: pageReply,
  errors: ["TOKEN_INVALID_OR_EXPIRED"],
  async handle({ query: { token }, context: { services, now, locale }, fail }) {
    const link = typeof token === "string" ? { token, purpose: "verify_email" as const } : undefined;
    const found = link && (await services.oneTimeTokens.find(link, now));
    if (!found || !link) throw fail("TOKEN_INVALID_OR_EXPIRED");
    if (found.state === "used") return { data: verifiedPage(services.config, locale) };
    return { data: verifyPage({ token: link.token, email: found.email }, locale) };
  },
});
