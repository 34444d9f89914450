import { describeError, log } from "../platform/log.ts";
import { outsideAnyCall } from "../platform/outside.ts";
import { createFirstRefusals } from "./first-refusals.ts";
import { createJudge, type Rule, type Verdict } from "./rules.ts";
import type { AddressSettings } from "./settings.ts";
import type { AddressRuleStore } from "./store.ts";

/** Which addresses may call. */
export interface Addresses {
  /**
   * Whether calls from an address are served. Only the first call of an instance waits until the rules in the database
   * have been read. @throws ApiError DATABASE_UNAVAILABLE while they could not be read even once
   */
  mayCall(address: string | undefined, now: Date): Promise<boolean>;
  /** The same as far as it is known: never reads, so that it wakes no database up. */
  mayCallAsFarAsKnown(address: string | undefined, now: Date): boolean;
  /** Whether a refusal is to be recorded: the first of a network in ten minutes is. */
  isFirstRefusal(address: string | undefined, now: Date): boolean;
}

/**
 * Judges by the settings' lists and by the rules in the database, which are read again every 30 seconds, beside a call and
 * not in its way. If that fails, the last known ones stay.
 */
export function createAddresses({ allowed, denied }: AddressSettings, store: AddressRuleStore): Addresses {
  const lasting = [...rulesOf(allowed, "allow"), ...rulesOf(denied, "deny")];
  let judge = createJudge(lasting);
  let readAt: Date | undefined;
  let reading: Promise<void> | undefined;
  const read = async (now: Date) => {
    judge = createJudge([...lasting, ...(await store.unexpired(now))]);
    readAt = now;
  };
  const reread = (now: Date) => (reading ??= outsideAnyCall(read, now).finally(() => (reading = undefined)));
  const mayCallAsFarAsKnown = (address: string | undefined, now: Date) =>
    (judge(address, now) ?? (allowed.length > 0 ? "deny" : "allow")) === "allow";
  return {
    mayCallAsFarAsKnown,
    isFirstRefusal: createFirstRefusals(),
    async mayCall(address, now) {
      if (readAt === undefined) await reread(now);
      else if (isOld(readAt, now)) reread(now).catch(noteFailure);
      return mayCallAsFarAsKnown(address, now);
    },
  };
}

const maxAgeMilliseconds = 30_000;

/** In either direction: a clock may have been set back. */
const isOld = (readAt: Date, now: Date) => Math.abs(now.getTime() - readAt.getTime()) >= maxAgeMilliseconds;

const rulesOf = (networks: AddressSettings["allowed"], verdict: Verdict): Rule[] =>
  networks.map((network) => ({ network, verdict }));

function noteFailure(error: unknown): void {
  log("warn", "addresses.rules_not_read", { cause: describeError(error) });
}
