import * as z from "zod";
import { clearedAttemptCookies, readAttemptCookies } from "../../shared/api/attempt-cookies.ts";
import { providerName } from "../../shared/api/path.ts";
import { errorParameters, parameter } from "../../shared/api/provider-answer.ts";
import { presentedRememberToken } from "../../shared/api/remembered-device.ts";
import { toSecondFactor } from "../../shared/api/second-factor.ts";
import { sessionCookies } from "../../shared/api/session.ts";
import {
  findAttempt,
  finishAuthorization,
  finishAuthorizationCodes,
  providerNamed,
  providerNamedCodes,
} from "../../shared/flows/social/authorization.ts";
import { presentedDevice, readRefreshCookie } from "../../shared/http/cookies.ts";
import { endpoint } from "../../shared/http/endpoint.ts";
import { redirect, redirection, toApplication } from "../../shared/http/formats/redirect.ts";

/** Where a provider sends the browser back to. Every answer redirects: with the session's cookie, or with `?error=CODE`. */
export const callback = endpoint({
  name: "social-callback",
  method: "GET",
  route: "auth/oauth/{provider}/callback",
  path: { provider: providerName },
  summary: "Receive a provider's answer",
  description:
    "Sets the refresh cookie and sends the browser on to `redirect_to`, with `?error=CODE` if something failed. Where a second factor is due, `?mfa_required=…` says which there are, and a cookie carries the token for `POST /auth/mfa/verify`.",
  access: "public",
  limits: ["social"],
  format: redirect,
  recorded: [
    "sign_in.succeeded",
    "account.registered",
    "identity.linked",
    "account.address_proven",
    "identity.unlinked",
    "session.ended",
    "mfa.required",
  ],
  refused: { otherwise: "sign_in.failed", byFlow: ["identity.refused"] },
  query: z.object({ state: parameter, code: parameter, iss: parameter, ...errorParameters }),
  reply: redirection,
  status: 302,
  errors: ["INVALID_STATE", ...providerNamedCodes, ...finishAuthorizationCodes],
  async handle({ path, query, cookies, returnTo, concerns, context, fail }) {
    const { services } = context;
    const { config, social } = services;
    const provider = providerNamed(context, path.provider);
    const home = config.service.frontendUrl === undefined ? undefined : { url: config.service.frontendUrl };
    returnTo(home);
    const brought = { provider, state: query.state, sealed: readAttemptCookies(config, cookies) };
    const attempt = await findAttempt(context, brought);
    if (!attempt)
      throw fail("INVALID_STATE", { cause: new Error("the browser has no sign-in attempt with this state") });
    const cleared = clearedAttemptCookies(config, cookies, attempt.sealed);
    returnTo({ url: attempt.redirectTo, cookies: cleared });
    if (attempt.link) concerns({ ...attempt.link, refused: "identity.refused" });
    if (!(await social.usedStates.use(attempt.state, attempt.expiresAt))) {
      returnTo(home);
      concerns(undefined);
      throw fail("INVALID_STATE", { cause: new Error("the state was already used") });
    }
    const held = {
      replaces: readRefreshCookie(config, cookies),
      device: presentedDevice(config, { cookies }),
      remembered: presentedRememberToken(config, { cookies }),
    };
    const finish = { provider, attempt, response: query, ...held };
    const outcome = await finishAuthorization(context, finish);
    if (outcome && "due" in outcome) {
      const { url, cookies: set } = toSecondFactor(context, outcome, attempt.redirectTo);
      return { data: { location: toApplication(url) }, cookies: [...cleared, ...set] };
    }
    const session = outcome ? sessionCookies(context, outcome) : [];
    return { data: { location: toApplication(attempt.redirectTo) }, cookies: [...cleared, ...session] };
  },
});
