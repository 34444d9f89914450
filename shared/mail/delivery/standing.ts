import { addSeconds } from "../../platform/clock.ts";
import type { MailCheck } from "../../platform/readiness.ts";
import type { QuotaStore } from "./quota.ts";
import type { Standing } from "./upkeep-queries.ts";

/** A mail that should have been sent by then has nobody who sends it: its message came, and was tried, long before. */
const patienceSeconds = 600;

export interface MailParts {
  readonly outbox: { standing(): Promise<Standing> };
  readonly quota: Pick<QuotaStore, "heldBackUntil">;
  /** Whether there is a queue. */
  readonly isConfigured: boolean;
}

/** How mail stands, for the readiness check. @throws DatabaseUnavailable */
export async function checkMail({ outbox, quota, isConfigured }: MailParts, now: Date): Promise<MailCheck> {
  const standing = await outbox.standing();
  const heldBackUntil = await quota.heldBackUntil(now);
  const { waiting, dead } = standing;
  const status = isConfigured ? statusOf(standing, { now, heldBackUntil }) : "not configured";
  return { status, waiting, dead, held_back_until: heldBackUntil?.toISOString() ?? null };
}

function statusOf(
  { waiting, retried, oldestDueAt }: Standing,
  { now, heldBackUntil }: { readonly now: Date; readonly heldBackUntil: Date | undefined },
): MailCheck["status"] {
  if (oldestDueAt !== undefined && now > addSeconds(oldestDueAt, patienceSeconds)) return "overdue";
  if (heldBackUntil !== undefined && waiting > 0) return "held back by quota";
  return retried > 0 ? "retrying" : "up";
}
