import type { Arrival } from "../../accounts/registration-attempts.ts";
import { normaliseEmail } from "../../accounts/email.ts";
import { mostWaiting, type Registration } from "../../accounts/registration-queries.ts";
import type { Account } from "../../accounts/tables.ts";
import type { CallContext } from "../../context.ts";
import type { OutgoingMail } from "../../mail/message.ts";
import { newOneTimeSecret } from "../../one-time-tokens/secrets.ts";
import { newId } from "../../platform/crypto/random.ts";
import { localeFor } from "../../platform/locale.ts";
import { atEvenTime } from "../even-time.ts";
import { requireGoodPassword, requireGoodPasswordCodes } from "./good-password.ts";

export const registerCodes = [...requireGoodPasswordCodes, "OVERLOADED"] as const;

/** What a person gives to register. */
export interface RegisterRequest {
  readonly email: string;
  readonly username: string;
  readonly password: string;
}

/** The account of a new registration, or whether its address must be proven first. */
export type Registered = { readonly account: Account } | "address taken" | "sent";

/**
 * Registers a person, and mails a link and a code to the address.
 *
 * If verification is optional, the account exists at once. If it is required, the registration waits for its address to
 * be proven, and `sent` is the outcome whoever has the address: with the same work, and a mail to its owner at most once
 * an hour.
 * @throws ApiError VALIDATION_ERROR for a password that may not be chosen, OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function register(context: CallContext, request: RegisterRequest): Promise<Registered> {
  const { services, now, locale } = context;
  const good = await requireGoodPassword(context, request);
  const mailId = newId(now);
  const [passwordHash] = await Promise.all([
    services.passwords.hash(request.password),
    services.mail.announce([mailId]),
  ]);
  const { email, username } = request;
  const person = { id: newId(now), email: email.trim(), username, locale };
  const arriving = { mailId, registration: { ...person, passwordHash, ...good } };
  if (services.config.accounts.isVerificationRequired) {
    await atEvenTime(services.clock, () => keepWaiting(context, arriving));
    return "sent";
  }
  const account = await createAtOnce(context, arriving);
  return account ? { account } : "address taken";
}

/** Made outside the transaction, so that it can be repeated. */
interface Arriving {
  readonly mailId: string;
  readonly registration: Registration & { readonly locale: CallContext["locale"] };
}

/** @returns undefined if the address is taken */
function createAtOnce(context: CallContext, { mailId, registration }: Arriving): Promise<Account | undefined> {
  const { services, now } = context;
  const secret = newOneTimeSecret();
  const { id, email, username, locale } = registration;
  const token = { purpose: "verify_email", secret, subjectId: id, ...addressOf(email) } as const;
  return services.transaction(
    context,
    async (tx) => {
      const account = await tx.accounts.create(registration, now);
      if (!account) return undefined;
      await tx.oneTimeTokens.issue(token, now);
      const mail = { id: mailId, template: "verify_email", to: email, accountId: id, locale } as const;
      await tx.mail.post({ ...mail, data: { username, ...secret } }, now);
      await tx.audit.append({ type: "account.registered", accountId: id });
      return account;
    },
    { isRepeatable: true },
  );
}

/**
 * Whoever has the address: the same statements. If too many wait already, the registration and its link are not kept, and
 * nobody is mailed: the mailbox has mails enough, and another one that is asked for works.
 */
function keepWaiting(context: CallContext, { mailId, registration }: Arriving): Promise<void> {
  const { services, now } = context;
  const secret = newOneTimeSecret();
  const { id, email } = registration;
  const token = { purpose: "verify_email", secret, subjectId: id, ...addressOf(email), most: mostWaiting } as const;
  return services.transaction(
    context,
    async (tx) => {
      await tx.accounts.addRegistration(registration, now);
      const arrival = await tx.accounts.noteArrival({ id, email, noticeId: mailId }, now);
      const { attempt } = arrival;
      await tx.oneTimeTokens.issue(token, now);
      await tx.mail.post(letterTo(arrival, { mailId, registration, secret }), now);
      const isKnown = attempt !== undefined && (attempt.holder.isVerified || !attempt.holder.isActive);
      await tx.audit.append(
        isKnown
          ? { type: "registration.refused", reason: "address taken", accountId: attempt.holder.accountId }
          : { type: "registration.requested", email },
      );
    },
    { isRepeatable: true },
  );
}

/**
 * The mail of a registration: its link and code, if it waits for its address to be proven; a notice, if that is proven and
 * one is due; otherwise to nobody.
 */
function letterTo(
  { attempt, isKept }: Arrival,
  { mailId: id, registration, secret }: Arriving & { secret: { token: string; code: string } },
): OutgoingMail {
  const { email, username, locale } = registration;
  const holder = attempt?.holder;
  if (holder && attempt.isDue) {
    const owner = { to: holder.email, accountId: holder.accountId, locale: localeFor(holder, locale) };
    return { id, template: "already_registered", ...owner, data: { username: holder.username } };
  }
  const isFree = !holder || (holder.isActive && !holder.isVerified);
  const to = isFree && isKept ? email : null;
  return { id, template: "verify_email", to, accountId: null, locale, data: { username, ...secret } };
}

function addressOf(email: string) {
  return { email, emailNormalised: normaliseEmail(email) };
}
