import { sessionsEnded } from "../../audit/audit.ts";
import { refusing } from "../../audit/refusal.ts";
import type { PasswordChange } from "../../accounts/password-queries.ts";
import type { CallContext } from "../../context.ts";
import { newId } from "../../platform/crypto/random.ts";
import { invalidField } from "../../platform/errors/api-error.ts";
import { localeFor } from "../../platform/locale.ts";
import { requireMet } from "../../sessions/authentication.ts";
import type { Principal } from "../../sessions/session-queries.ts";
import { uncounted, type CountedAttempt } from "../../sign-in-failures/store.ts";
import { normalisePassword } from "../../passwords/text.ts";
import { claimantIn, countAttempt, countAttemptCodes, failedIn, orNoteFailure } from "../sign-in/counted-attempt.ts";
import { requireGoodPassword, requireGoodPasswordCodes } from "./good-password.ts";
import { requireLiveSession, requireLiveSessionCodes } from "./live-session.ts";

export const changePasswordCodes = [
  ...countAttemptCodes,
  "INVALID_CREDENTIALS",
  "REAUTHENTICATION_REQUIRED",
  ...requireGoodPasswordCodes,
  ...requireLiveSessionCodes,
  "OVERLOADED",
] as const;
const refuse = refusing(changePasswordCodes);

export interface ChangeRequest {
  readonly principal: Principal;
  /** The present password, which is the fresh sign-in; undefined to set a password on an account without one. */
  readonly currentPassword: string | undefined;
  readonly password: string;
}

/**
 * Changes the password of a signed-in person, or sets the first one after a fresh sign-in. Ends the other sessions and
 * all links in mails but an undo, and tells the owner. Either takes a session that has shown the second factor, if the
 * account has one.
 * @throws ApiError RATE_LIMITED during a delay, INVALID_CREDENTIALS, REAUTHENTICATION_REQUIRED, VALIDATION_ERROR, UNAUTHENTICATED if the session has
 * ended in the meantime, OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function changePassword(context: CallContext, request: ChangeRequest): Promise<void> {
  const { services, now } = context;
  const { principal, password } = request;
  const { id: accountId, email, username } = principal.account;
  // Before the present password is looked at: here, nobody learns whether it is right.
  requireMet(principal.authentication, await services.demandOf(principal.account), now);
  const good = await requireGoodPassword(context, { password, email, username });
  const mailId = newId(now);
  const isShown = request.currentPassword !== undefined;
  // Once, however often it is verified.
  const attempt = isShown ? await countAttempt(context, claimantIn(principal)) : uncounted;
  let passwordHash: string | undefined;
  // What loses against a sign-in that renewed the hash reads again; against another change, the password is now wrong.
  for (let left = attempts; left > 0; left -= 1) {
    const verifiedHash = await verify(context, request, attempt);
    [passwordHash] = await Promise.all([
      passwordHash ?? services.passwords.hash(password),
      services.mail.announce([mailId]),
    ]);
    const change = { accountId, verifiedHash, passwordHash, ...good };
    if (await carryOut(context, { principal, mailId, change })) return;
  }
  throw refuse("OVERLOADED", { about: { accountId }, retryAfterSeconds: 1 });
}

const attempts = 3;

/** @returns the hash that the present password was verified against; null if the account has none */
async function verify(
  context: CallContext,
  { principal, currentPassword, password }: ChangeRequest,
  attempt: CountedAttempt,
): Promise<string | null> {
  const { services, now } = context;
  const hash = (await services.accounts.readPasswordHash(principal.account.id)) ?? null;
  if (currentPassword !== undefined) {
    await orNoteFailure(context, { ...failedIn(principal), attempt }, async () => {
      const isMatch = await services.passwords.verify(currentPassword, hash);
      if (!isMatch || attempt.isClosed) throw refuse("INVALID_CREDENTIALS");
    });
    if (normalisePassword(password) !== normalisePassword(currentPassword)) return hash;
    // It was right, all the same.
    await services.signInFailures.reset(attempt);
    throw invalidField("password", "is the present password");
  }
  if (hash !== null) throw invalidField("current_password", "is required, because the account has a password");
  const { sensitiveMaxAgeSeconds } = services.config.sessions;
  requireMet(principal.authentication, await services.demandOf(principal.account, sensitiveMaxAgeSeconds), now);
  return null;
}

interface Change {
  readonly principal: Principal;
  readonly mailId: string;
  readonly change: PasswordChange;
}

/** @returns false if the account has another password by now */
function carryOut(context: CallContext, { principal, mailId, change }: Change): Promise<boolean> {
  const { services, now } = context;
  const { accountId, passwordHash } = change;
  const { sessionId } = principal;
  return services.transaction(
    context,
    async (tx) => {
      const account = await tx.accounts.changePassword(change, now);
      if (!account) {
        const isOwn = tx.audit.earlier.length > 0 && (await tx.accounts.readPasswordHash(accountId)) === passwordHash;
        if (isOwn) await tx.audit.append(...tx.audit.earlier);
        return isOwn;
      }
      await requireLiveSession(tx, { accountId, sessionId }, now);
      await tx.oneTimeTokens.endAll(accountId);
      await tx.mfa.endSignIns(accountId);
      // They were guesses at another password.
      await tx.signInFailures.forget(accountId);
      const locale = localeFor(account, context.locale);
      const mail = { id: mailId, template: "password_changed", to: account.email, accountId, locale } as const;
      await tx.mail.post({ ...mail, data: { username: account.username, isReset: false } }, now);
      const ended = await tx.sessions.endAll({ accountId, except: [sessionId], reason: "password_changed" }, now);
      const event = { accountId, reason: "password changed" };
      await tx.audit.append({ type: "password.changed", accountId, sessionId }, ...sessionsEnded(ended, event));
      return true;
    },
    { isRepeatable: true },
  );
}
