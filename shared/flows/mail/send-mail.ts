import type { CallContext } from "../../context.ts";
import { normaliseEmail } from "../../accounts/email.ts";
import { laneOf } from "../../mail/delivery/lanes.ts";
import type { Claim } from "../../mail/delivery/queries.ts";
import { sendLimitSeconds, type RenderedMail, type SendOutcome } from "../../mail/provider.ts";
import type { MailMessage } from "../../mail/delivery/queue-message.ts";
import type { StoredMail } from "../../mail/render.ts";
import { nextAttempt } from "../../mail/delivery/retries.ts";
import type { MailOutboxTable } from "../../mail/tables.ts";
import { addSeconds } from "../../platform/clock.ts";
import { newId } from "../../platform/crypto/random.ts";
import { withRetry } from "../../platform/database/budget.ts";
import { describeError, log, type LogFields } from "../../platform/log.ts";

/** A message as the queue delivers it. */
export interface DeliveredMessage extends MailMessage {
  /** Whether it was delivered before, and that call failed or died. */
  readonly isRepeated: boolean;
}

/** A worker that is not done by then has died: the longest attempt, and clocks that differ. */
const claimSeconds = sendLimitSeconds + 60;

/** How long a mark is tried while the database is away: without it, a mail that was sent would be sent again. */
const markingMilliseconds = 90_000;

/**
 * Sends the mail that a message names, if it is due and no other worker is at it, and marks what became of it. A mail
 * is sent twice only if this process dies, or loses its database, between the sending and the mark.
 * @returns what to log: no address, and nothing that the mail says
 * @throws ApiError DATABASE_UNAVAILABLE: the message must come again
 */
export async function sendMail(context: CallContext, message: DeliveredMessage): Promise<LogFields> {
  const { services } = context;
  const { id } = message;
  // Most messages that come late are about mails that are done with: they wait for nobody's turn.
  const found = await services.outbox.find(id);
  // Announced by a transaction that did not commit, or removed since.
  if (!found) return { mail: id, outcome: "unknown" };
  if (found.status !== "waiting") return { mail: id, outcome: `already ${found.status}` };
  // The turn may come much later than the message.
  return services.mail.inTurn(() => sendNow({ ...context, now: services.clock.now() }, message));
}

async function sendNow(context: CallContext, message: DeliveredMessage): Promise<LogFields> {
  const { services, now } = context;
  const { id } = message;
  if (services.mail.sentUnmarked.has(id)) return markSent(context, id);
  const claim = { id, claimId: newId(now) };
  const row = await services.outbox.claim(claim, now, addSeconds(now, claimSeconds));
  if (!row) return leave(context, message);
  const told = { mail: id, template: row.template, attempt: row.attempts };
  return { ...told, ...(await deliver(context, claim, row)) };
}

/** A mail that this worker may not send now. It is brought back if no other message does. */
async function leave({ services, now }: CallContext, message: DeliveredMessage): Promise<LogFields> {
  const { id, isFollowUp, isRepeated } = message;
  const found = await services.outbox.find(id);
  // Announced by a transaction that did not commit, or removed since.
  if (!found) return { mail: id, outcome: "unknown" };
  if (found.status !== "waiting") return { mail: id, outcome: `already ${found.status}` };
  const isClaimed = found.claimed_until !== null && found.claimed_until > now;
  const outcome = isClaimed ? "claimed by another" : "not due";
  // The worker that made it wait, or that is at it, has a message of its own; unless that is this one.
  if (isFollowUp || isRepeated) {
    const until = isClaimed && found.claimed_until !== null ? found.claimed_until : found.due_at;
    await services.mail.followUp(message, secondsUntil(until, now));
  }
  return { mail: id, outcome };
}

async function deliver(context: CallContext, claim: Claim, row: MailOutboxTable): Promise<LogFields> {
  const { services, now } = context;
  const { mailProvider, mailQuota } = services;
  const place = row.slot_at ?? (await mailQuota.take(now, laneOf(row.template)));
  if (place !== undefined && place > now) return holdBack(context, claim, { dueAt: place, slotAt: place });
  const wayOut = await findWayOut(context, row);
  const rendered = render(context, row);
  const send = (mail: RenderedMail) => (wayOut ? mailProvider.rehearse(mail.id) : mailProvider.send(mail));
  const outcome = rendered instanceof Error ? unreadable(rendered) : await send(rendered);
  return settle(context, claim, { row, outcome, wayOut });
}

/** Ends a mail that goes nowhere. */
type WayOut = (claim: Claim) => Promise<LogFields>;

/**
 * How a mail ends that goes nowhere: when it would have been sent, and no sooner. Until then it waits for its place and
 * for the provider like any other, because everybody sees in `/health` how many wait: whether an address has an account
 * must not show there.
 * @returns undefined for a mail that is to be sent
 */
async function findWayOut(
  { services: { outbox, suppressions } }: CallContext,
  { recipient }: MailOutboxTable,
): Promise<WayOut | undefined> {
  if (recipient === null)
    return async (claim) => {
      await outbox.remove(claim);
      return { outcome: "dropped" };
    };
  if (!(await suppressions.has(normaliseEmail(recipient)))) return undefined;
  return async (claim) => {
    await outbox.end(claim, { status: "suppressed", failure: "mail to this address came back" });
    return { outcome: "suppressed" };
  };
}

function render({ services: { outbox, renderMail }, now }: CallContext, row: MailOutboxTable) {
  try {
    const { id, template, locale, recipient } = row;
    const to = recipient ?? "nobody@invalid";
    return renderMail({ id, template, to, locale, data: outbox.open(row) } as StoredMail, now);
  } catch (error) {
    return error instanceof Error ? error : new Error("unknown");
  }
}

/** A newer release may know its template, and a worker with the right SECRET_KEY can open it: so it is tried again. */
function unreadable(error: Error): SendOutcome {
  log("error", "mail.unreadable", { cause: describeError(error) });
  return {
    kind: "again",
    why: "The mail could not be written: its data cannot be opened, or its template is unknown.",
  };
}

interface Attempt {
  readonly row: MailOutboxTable;
  readonly outcome: SendOutcome;
  readonly wayOut: WayOut | undefined;
}

/** Marks what became of an attempt. */
async function settle(context: CallContext, claim: Claim, { row, outcome, wayOut }: Attempt): Promise<LogFields> {
  const { services } = context;
  // The attempt may have taken a minute.
  const now = services.clock.now();
  if (outcome.kind === "sent") return wayOut ? wayOut(claim) : markSent(context, claim.id);
  const { why } = outcome;
  if (outcome.kind === "held_back") {
    const until = addSeconds(now, outcome.retryAfterSeconds);
    await services.mailQuota.pause(until);
    return { ...(await holdBack(context, claim, { dueAt: until, slotAt: null })), why };
  }
  const next =
    outcome.kind === "again" ? nextAttempt({ attempts: row.attempts, createdAt: row.created_at }, now) : null;
  if (!next) {
    await patiently(() => services.outbox.end(claim, { status: "dead", failure: why }));
    log("error", "mail.dead", { mail: claim.id, template: row.template, attempts: row.attempts, why });
    return { outcome: "dead", why };
  }
  await patiently(() => services.outbox.retry(claim, { dueAt: next, failure: why }));
  await services.mail.followUp({ id: claim.id, rounds: 0 }, secondsUntil(next, now));
  return { outcome: "to be tried again", due: next, why };
}

async function holdBack(
  { services }: CallContext,
  claim: Claim,
  held: { readonly dueAt: Date; readonly slotAt: Date | null },
): Promise<LogFields> {
  await services.outbox.holdBack(claim, held);
  await services.mail.followUp({ id: claim.id, rounds: 0 }, secondsUntil(held.dueAt, services.clock.now()));
  return { outcome: "held back by quota", due: held.dueAt };
}

/** Until it is marked, this process remembers that the mail was sent, and only marks it if its message comes again. */
async function markSent(
  { services: { outbox, mail, mailProvider, clock } }: CallContext,
  id: string,
): Promise<LogFields> {
  mail.sentUnmarked.add(id);
  await patiently(() => outbox.markSent(id, { now: clock.now(), keepsData: mailProvider.keepsData }));
  mail.sentUnmarked.delete(id);
  return { outcome: "sent" };
}

function patiently(mark: () => Promise<void>): Promise<void> {
  const retryUntil = performance.now() + markingMilliseconds;
  return withRetry({ retryUntil, endsAt: retryUntil }, mark, () => true);
}

/** For the queue, which counts in whole seconds, a week at most. */
function secondsUntil(instant: Date, now: Date): number {
  const seconds = Math.ceil((instant.getTime() - now.getTime()) / 1000);
  return Math.min(Math.max(seconds, 1), 7 * 24 * 60 * 60);
}
