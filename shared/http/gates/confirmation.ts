import { repeatFromElsewhere, reuseDetected } from "../../audit/audit.ts";
import type { CallContext } from "../../context.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import { requireMet } from "../../sessions/authentication.ts";
import type { NamedSession } from "../../sessions/refresh-token-queries.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import type { Stores } from "../../stores.ts";
import { textMember } from "../body.ts";
import { presentedRefreshToken } from "../cookies.ts";
import type { CallAtGate, Gate } from "./gate.ts";

/**
 * Requires more than an access token, which every API sees: the session's own refresh token, which no API ever sees;
 * and for changes to sign-in methods also a recent sign-in, with the second factor if the account has one.
 */
export const confirmation: Gate = {
  name: "confirmation",
  when: (spec) => spec.confirmation !== undefined,
  errors: (spec) => [
    "SESSION_PROOF_REQUIRED",
    ...(spec.confirmation === "fresh_sign_in" ? (["REAUTHENTICATION_REQUIRED"] as const) : []),
  ],
  // The refresh token comes in the cookie or in the body.
  security: [["refresh_token"], []],
  async pass(call) {
    const { spec, context, principal } = call;
    if (!principal || !(await provesSession(call, principal))) throw new ApiError("SESSION_PROOF_REQUIRED");
    if (spec.confirmation !== "fresh_sign_in") return;
    const { services, now } = context;
    const demand = await services.demandOf(principal.account, services.config.sessions.sensitiveMaxAgeSeconds);
    requireMet(principal.authentication, demand, now);
  },
};

/** Whether the refresh token sent along belongs to the principal's session. @throws ApiError DATABASE_UNAVAILABLE */
async function provesSession({ context, body, cookies }: CallAtGate, principal: Principal): Promise<boolean> {
  const { services, now, source } = context;
  const shown = { body: { refresh_token: textMember(body, "refresh_token") }, cookies };
  const { token } = presentedRefreshToken(services.config, shown);
  if (token === undefined) return false;
  const named = await services.sessions.findByRefreshToken(services.sessions.present(token, source), now);
  if (!named) return false;
  await recordMisuse(context, named);
  // A refresh may be repeated from another network, because phones change networks. A proof of the session need not be.
  return named.isLive && !named.isSuspicious && named.sessionId === principal.sessionId;
}

/** A token used long ago ends its session, here as everywhere; one from somewhere else raises an alarm. */
async function recordMisuse(
  context: CallContext,
  { accountId, sessionId, isReuse, isSuspicious }: NamedSession,
): Promise<void> {
  const { services, now } = context;
  const session = { accountId, sessionId };
  const end = ({ sessions }: Stores) => sessions.end(sessionId, "reuse", now);
  if (isReuse) await services.change(context, end, { ...reuseDetected, ...session });
  if (isSuspicious) await services.audit.record(context, { ...repeatFromElsewhere, ...session });
}
