import { Refusal } from "../../audit/refusal.ts";
import type { CallContext } from "../../context.ts";
import { describeError, log } from "../../platform/log.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import { isUseDue } from "../../sessions/use-queries.ts";
import { bearerToken } from "../bearer-token.ts";
import type { Gate } from "./gate.ts";

/** Authenticates the person of the access token, whose session must be live. */
export const session: Gate = {
  name: "session",
  when: ({ access }) => access === "session",
  errors: () => ["UNAUTHENTICATED", "TOKEN_EXPIRED"],
  security: [["bearer"]],
  // A token that has expired is what apps refresh upon; a forged one, or one whose session is over, is a refusal.
  refused: { UNAUTHENTICATED: "access_token.refused" },
  async pass(call) {
    const principal = await authenticate(call.context, call.request.headers.get("authorization"));
    call.principal = principal;
    call.course = { accountId: principal.account.id, sessionId: principal.sessionId };
  },
};

/** Verifies the access token, then reads its session and account, so that a logout takes effect at once. */
async function authenticate(context: CallContext, authorization: string | null): Promise<Principal> {
  const { services, now } = context;
  const token = bearerToken(authorization);
  if (token === undefined) throw new Refusal("UNAUTHENTICATED", { about: { reason: "no access token" } });
  const { accountId, sessionId } = await services.tokens.access.verify(token, now);
  const principal = await services.sessions.findPrincipal(sessionId, now);
  if (principal?.account.id !== accountId)
    throw new Refusal("UNAUTHENTICATED", { about: { reason: "the session is over", accountId, sessionId } });
  await noteUse(context, principal);
  return principal;
}

/** Every five minutes at most. Not from where: an API that was handed the token may be calling. */
async function noteUse({ services, now }: CallContext, { sessionId, lastUsedAt }: Principal): Promise<void> {
  if (!isUseDue(lastUsedAt, now)) return;
  try {
    await services.sessions.noteUse({ sessionId }, now);
  } catch (error) {
    // The call needs nothing written: a database that only reads still serves it.
    log("warn", "session.use_not_noted", { session_id: sessionId, cause: describeError(error) });
  }
}
