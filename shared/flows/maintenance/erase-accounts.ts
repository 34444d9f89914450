import { setImmediate } from "node:timers/promises";
import { nobodyDays } from "../../audit/erasure.ts";
import { normaliseEmail } from "../../accounts/email.ts";
import type { DueAccount } from "../../accounts/deletion-queries.ts";
import type { CallContext } from "../../context.ts";
import { addSeconds } from "../../platform/clock.ts";
import { repeatable } from "../../platform/database/budget.ts";
import { ApiError } from "../../platform/errors/api-error.ts";
import { describeError, log } from "../../platform/log.ts";
import type { Transaction } from "../../stores.ts";

/** What is removed of a person from the tables of one concept. */
interface Removal {
  readonly tables: readonly string[];
  /** Removes rows, up to `limit` in each statement. @returns how many; fewer than `limit` once none is left */
  readonly remove: (tx: Transaction, account: DueAccount, limit: number) => Promise<number>;
}

/**
 * All that is removed before the account itself, which these rows refer to. Every table with something of a person needs
 * a line here: a test fails for one that is neither here nor known to hold nothing of anyone.
 */
export const removals: readonly Removal[] = [
  {
    tables: ["one_time_tokens", "mail_suppressions"],
    async remove(tx, { accountId: subjectId, emailNormalised }, limit) {
      const { removed, addresses } = await tx.oneTimeTokens.eraseSome({ subjectId, emailNormalised }, limit);
      await tx.suppressions.removeAll([...new Set(addresses)]);
      return removed;
    },
  },
  {
    tables: ["mail_outbox", "mail_suppressions"],
    async remove(tx, account, limit) {
      const { removed, recipients } = await tx.outbox.eraseSome(account, limit);
      await tx.suppressions.removeAll([...new Set(recipients.map(normaliseEmail))]);
      return removed;
    },
  },
  {
    tables: ["mail_suppressions"],
    async remove(tx, { emailNormalised }) {
      if (emailNormalised !== null) await tx.suppressions.remove(emailNormalised);
      return 0;
    },
  },
  {
    tables: ["registrations"],
    async remove(tx, { email }) {
      if (email !== null) await tx.accounts.endRegistrations(email);
      return 0;
    },
  },
  {
    tables: ["identities"],
    async remove(tx, { accountId }) {
      await tx.identities.removeAll(accountId);
      return 0;
    },
  },
  {
    tables: ["audit_events"],
    remove: async (tx, { auditId }, limit) => (auditId === null ? 0 : tx.activity.erase(auditId, limit)),
  },
  { tables: ["account_events"], remove: (tx, { accountId }, limit) => tx.activity.removeFormer(accountId, limit) },
  {
    tables: ["devices"],
    async remove(tx, { accountId }) {
      await tx.accounts.forgetDevices(accountId);
      return 0;
    },
  },
  {
    tables: ["sign_in_failures"],
    async remove(tx, { accountId }) {
      await tx.signInFailures.forget(accountId);
      await tx.signInFailures.forgetSecondFactors(accountId);
      return 0;
    },
  },
  {
    tables: ["totp_factors", "recovery_codes", "mfa_challenges"],
    async remove(tx, { accountId }) {
      await tx.mfa.removeAll(accountId);
      return 0;
    },
  },
  {
    tables: ["passkeys", "user_handles"],
    async remove(tx, { accountId }) {
      await tx.passkeys.removeAll(accountId);
      return 0;
    },
  },
  {
    tables: ["refresh_tokens", "sessions"],
    remove: (tx, { accountId }, limit) => tx.sessions.eraseSome(accountId, limit),
  },
];

export interface ErasureLimits {
  /** The most rows that one statement removes. */
  readonly rowsAtOnce: number;
  /** No account is begun after this time. What remains in the audit log has a quarter of it more, and then as much again. */
  readonly milliseconds: number;
}

const defaultLimits: ErasureLimits = { rowsAtOnce: 1000, milliseconds: 40_000 };

export interface ErasureReport {
  readonly erased: number;
  /** Accounts that could not be erased, for a reason that the log tells. */
  readonly failed: number;
  /** Whether none is left, nor anything in the audit log; otherwise the time ran out. */
  readonly isComplete: boolean;
}

/**
 * Erases the accounts whose time has come, one after the other, and then what the audit log still has of people who are
 * gone. Of two runs at once, each account is erased by one.
 * @throws ApiError DATABASE_UNAVAILABLE; what was erased remains so
 */
export async function eraseDueAccounts(context: CallContext, limits = defaultLimits): Promise<ErasureReport> {
  const report = await eraseAccounts(context, limits);
  const share = { ...limits, milliseconds: limits.milliseconds / 4 };
  const isLateDone = await eraseLateEvents(context, share);
  const isNobodyDone = await eraseAboutNobody(context, share);
  return { ...report, isComplete: report.isComplete && isLateDone && isNobodyDone };
}

async function eraseAccounts(context: CallContext, limits: ErasureLimits): Promise<ErasureReport> {
  const { services, now } = context;
  const endAt = performance.now() + limits.milliseconds;
  const failed = new Set<string>();
  for (let erased = 0; ; await setImmediate()) {
    const due = await services.accounts.dueForErasure(failed.size + 1, now);
    const accountId = due.find((id) => !failed.has(id));
    const isComplete = accountId === undefined;
    if (isComplete || performance.now() > endAt) return { erased, failed: failed.size, isComplete };
    try {
      if (await erase(context, { accountId, limit: limits.rowsAtOnce })) erased += 1;
    } catch (error) {
      if (error instanceof ApiError) throw error;
      failed.add(accountId);
      log("error", "account.erasure_failed", { account_id: accountId, cause: describeError(error) });
    }
  }
}

/**
 * Erases what calls that were under way during an erasure have written about the account since, by what the audit log
 * tells of erasures. It is believed only of accounts that are gone: whoever can add a row must not erase with it.
 * @returns whether none is left
 */
async function eraseLateEvents({ services, now }: CallContext, limits: ErasureLimits): Promise<boolean> {
  const { activity, accounts } = services;
  const endAt = performance.now() + limits.milliseconds;
  let [forged, isComplete] = [0, true];
  for (const auditId of await activity.erasedSince(addSeconds(now, -lateDays * daySeconds))) {
    isComplete = performance.now() <= endAt;
    if (!isComplete) break;
    if (await accounts.hasAuditId(auditId)) forged += 1;
    else isComplete = await eraseAll((limit) => activity.erase(auditId, limit), { ...limits, endAt });
  }
  // Without the audit id, which no log line has; `npm run audit -- show --type account.erased` lists them.
  if (forged > 0) log("error", "audit.erasure_untrue", { accounts: forged });
  return isComplete;
}

/** Calls end within minutes. Every erasure is looked at in several nights, also if some of these fail. */
const lateDays = 8;
const daySeconds = 24 * 60 * 60;

/** Erases what old events about nobody have of whoever called. @returns whether none is left */
function eraseAboutNobody({ services, now }: CallContext, limits: ErasureLimits): Promise<boolean> {
  const endAt = performance.now() + limits.milliseconds;
  const before = addSeconds(now, -nobodyDays * daySeconds);
  return eraseAll((limit) => services.activity.eraseAboutNobody(before, limit), { ...limits, endAt });
}

/** Repeats a statement until it finds less than it may. @returns false if the time ran out before */
async function eraseAll(
  statement: (limit: number) => Promise<number>,
  { rowsAtOnce, endAt }: Pick<ErasureLimits, "rowsAtOnce"> & { readonly endAt: number },
): Promise<boolean> {
  while ((await repeatable(() => statement(rowsAtOnce))) >= rowsAtOnce) {
    if (performance.now() > endAt) return false;
    await setImmediate();
  }
  return true;
}

/** @returns whether this call erased the account */
async function erase(
  context: CallContext,
  { accountId, limit }: { accountId: string; limit: number },
): Promise<boolean> {
  const { services, now } = context;
  for (;;) {
    // A second run removes what the first one left, if anything.
    const outcome = await services.transaction(
      context,
      async (tx) => {
        const account = await tx.accounts.holdForErasure(accountId, now);
        if (!account) return "gone";
        for (const { remove } of removals) if ((await remove(tx, account, limit)) >= limit) return "more";
        await tx.accounts.erase(accountId);
        // Without the account's id: this event must name nobody. By its audit id the log tells what became of it.
        await tx.audit.append({ type: "account.erased", auditId: account.auditId ?? undefined });
        return "erased";
      },
      { isRepeatable: true },
    );
    if (outcome === "more") continue;
    services.subjects.forget(accountId);
    return outcome === "erased";
  }
}
