import * as z from "zod";
import { attemptCookie } from "../../shared/api/attempt-cookies.ts";
import { providerName } from "../../shared/api/path.ts";
import { parameter } from "../../shared/api/provider-answer.ts";
import { askingPage, isUnasked } from "../../shared/api/unasked-visit.ts";
import {
  beginAuthorization,
  beginAuthorizationCodes,
  providerNamed,
  providerNamedCodes,
  readMaxAge,
  readMaxAgeCodes,
  redirectTarget,
  redirectTargetCodes,
} from "../../shared/flows/social/authorization.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { pageReply } from "../../shared/http/formats/page.ts";
import { redirect, redirection } from "../../shared/http/formats/redirect.ts";

/**
 * A page that browsers visit, so neither the cross-site rules nor those for bodies apply. If another site sends the
 * browser here without a click, a page with a button comes first, and nothing begins before it is pressed.
 */
export const authorize = endpoint({
  name: "social-authorize",
  method: "GET",
  route: "auth/oauth/{provider}/authorize",
  path: { provider: providerName },
  summary: "Start a sign-in at a provider (for browsers)",
  description:
    "`redirect_to` says where the browser goes in the end. If a foreign page sent the browser without a click, a page with a button comes first.",
  access: "public",
  limits: ["social"],
  worksWithoutDatabase: true,
  format: redirect,
  recorded: { nothing: "Nobody has signed in before the provider answers" },
  refused: "sign_in.failed",
  query: z.object({
    redirect_to: parameter.describe("Where to send the browser after the sign-in; FRONTEND_URL by default"),
    max_age: parameter.describe(
      "Maximum age, in seconds, of the person's sign-in at the provider; OpenID providers only",
    ),
  }),
  reply: z.union([redirection, pageReply]),
  status: 302,
  errors: [...providerNamedCodes, ...redirectTargetCodes, ...readMaxAgeCodes, ...beginAuthorizationCodes],
  async handle({ path, query, cookies, headers, returnTo, context }) {
    const { services } = context;
    const provider = providerNamed(context, path.provider);
    const redirectTo = redirectTarget(context, query.redirect_to);
    const maxAgeSeconds = readMaxAge(query.max_age);
    if (isUnasked(headers)) {
      const again = new URLSearchParams(query.redirect_to === undefined ? {} : { redirect_to: redirectTo });
      if (maxAgeSeconds !== undefined) again.set("max_age", String(maxAgeSeconds));
      return { data: askingPage({ provider: provider.displayName, redirectTo, query: again }) };
    }
    returnTo({ url: redirectTo });
    const { authorizationUrl, sealed } = await beginAuthorization(context, { provider, redirectTo, maxAgeSeconds });
    return { data: { location: authorizationUrl }, cookies: [attemptCookie(services.config, cookies, sealed)] };
  },
});
