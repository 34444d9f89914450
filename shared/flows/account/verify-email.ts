import { refusing } from "../../audit/refusal.ts";
import { normaliseEmail } from "../../accounts/email.ts";
import type { NewAccount } from "../../accounts/store.ts";
import type { CallContext } from "../../context.ts";
import type { OneTimeToken } from "../../one-time-tokens/store.ts";
import type { Transaction } from "../../stores.ts";
import { refuseAtEvenTime } from "../even-time.ts";
import { decideRace, decideRaceCodes, RaceLost } from "../race-lost.ts";
import {
  neutralName,
  PasswordDue,
  postFirstPassword,
  prepareFirstPassword,
  type FirstPassword,
} from "./contested-address.ts";
import { endOtherClaims, takeOver } from "./prove-address.ts";

export const verifyEmailCodes = ["TOKEN_INVALID_OR_EXPIRED", ...decideRaceCodes] as const;
const refuse = refusing(verifyEmailCodes);

/** What a person shows to prove an address: the link's token, or the code with the address. */
export type MailProof = { readonly token: string } | { readonly email: string; readonly code: string };

/**
 * Proves an address. A registration that waited for it becomes an account, with its own name and password, and the
 * other registrations of the address end. A mail that was asked for while several waited completes none of them: the
 * account has no password, and another mail chooses one. A token that was used within the last 24 hours succeeds again,
 * and does nothing. Starts no session. How long a refusal takes does not tell whether an address waits to be proven.
 * @throws ApiError TOKEN_INVALID_OR_EXPIRED, OVERLOADED or DATABASE_UNAVAILABLE
 */
export async function verifyEmail(context: CallContext, proof: MailProof): Promise<void> {
  await refuseAtEvenTime(context.services.clock, () => prove(context, proof));
}

async function prove(context: CallContext, proof: MailProof): Promise<void> {
  const { services, now } = context;
  const purpose = "verify_email";
  const token =
    "token" in proof
      ? await services.oneTimeTokens.find({ token: proof.token, purpose }, now)
      : await services.oneTimeTokens.findByCode(
          { code: proof.code, purpose, emailNormalised: normaliseEmail(proof.email) },
          now,
        );
  if (!token) throw refuse("TOKEN_INVALID_OR_EXPIRED", { about: "email" in proof ? { email: proof.email } : {} });
  if (token.state !== "live") return;
  try {
    await decideRace(context, (tx) => use(tx, { context, token }));
  } catch (error) {
    if (!(error instanceof PasswordDue)) throw error;
    const first = await prepareFirstPassword(context);
    await decideRace(context, (tx) => use(tx, { context, token, first }));
  }
}

interface Use {
  readonly context: CallContext;
  readonly token: OneTimeToken;
  /** If the account gets no password. */
  readonly first?: FirstPassword | undefined;
}

/** @throws PasswordDue if `first` is needed and missing */
async function use(tx: Transaction, { context, token, first }: Use): Promise<void> {
  const { now } = context;
  const about = { email: token.email };
  if (!(await tx.oneTimeTokens.consume(token, now))) {
    // Another call may have used it just now, or this transaction's own earlier run.
    if ((await tx.oneTimeTokens.findAgain(token, now))?.state !== "used")
      throw refuse("TOKEN_INVALID_OR_EXPIRED", { about });
    return tx.audit.append(...tx.audit.earlier);
  }
  const registration = await tx.accounts.takeRegistration(token.subjectId, now);
  const isDone = registration
    ? (await complete(tx, registration, now)) !== undefined
    : (await confirm(tx, token, now)) || (await settle(tx, { context, token, first }));
  if (!isDone) throw refuse("TOKEN_INVALID_OR_EXPIRED", { about });
}

/** @returns the id of the account; undefined if the address has an owner already, or its account was deactivated */
async function complete(
  tx: Transaction,
  registration: NewAccount & { readonly email: string },
  now: Date,
): Promise<string | undefined> {
  const { email, username, passwordHash, passwordUncheckedSince } = registration;
  const holder = await tx.accounts.findByEmail(email);
  if (holder && (holder.isVerified || !holder.isActive)) return undefined;
  if (holder) {
    const proof = { accountId: holder.accountId, email, username, name: null, picture: null };
    await takeOver(tx, passwordHash === null ? proof : { ...proof, passwordHash, passwordUncheckedSince }, now);
    return holder.accountId;
  }
  const account = await tx.accounts.create({ ...registration, isEmailVerified: true }, now);
  if (!account) throw new RaceLost();
  await endOtherClaims(tx, email);
  const { id: accountId } = account;
  await tx.audit.append({ type: "account.registered", accountId }, { ...proven, accountId });
  return accountId;
}

/**
 * Completes none of the registrations that wait for the address.
 * @returns false if none waits, or the address has an owner already, or its account was deactivated
 */
async function settle(tx: Transaction, { context, token: { email }, first }: Use): Promise<boolean> {
  const { now, locale } = context;
  const { registration } = await tx.accounts.findClaims(email, now);
  if (!registration) return false;
  if (!first) throw new PasswordDue();
  const newcomer = { id: first.accountId, email, username: neutralName(email), passwordHash: null, locale };
  const accountId = await complete(tx, newcomer, now);
  if (accountId === undefined) return false;
  await postFirstPassword(context, tx, { accountId, email, first });
  return true;
}

/** @returns false if the account was deactivated, or has another address by now */
async function confirm(tx: Transaction, { subjectId: accountId, email }: OneTimeToken, now: Date): Promise<boolean> {
  if (await tx.accounts.confirmAddress({ accountId, email }, now)) {
    await endOtherClaims(tx, email);
    await tx.audit.append({ ...proven, accountId });
    return true;
  }
  const holder = await tx.accounts.findByEmail(email);
  return holder?.accountId === accountId && holder.isVerified && holder.isActive;
}

const proven = { type: "account.address_proven", reason: "by a mail" } as const;
