import type { Source } from "../platform/source.ts";
import type { LimitKey } from "./buckets.ts";
import type { Count, RateCounter } from "./counter.ts";
import type { PolicyName } from "./policies.ts";
import { createRefusals, type EndedRefusal } from "./refusals.ts";
import type { Limit } from "./settings.ts";

/** Where a key stands after an attempt. */
export interface Standing {
  readonly policy: PolicyName;
  readonly limit: Limit;
  /** Names the key without showing it. */
  readonly bucket: Buffer;
  /** How many more attempts the window admits. */
  readonly remaining: number;
  readonly resetsAt: Date;
  readonly isExceeded: boolean;
}

/** What a count came to. */
export interface Counted {
  /** One for each key whose policy is on; of a call that memory refuses, the one that is used up. */
  readonly standings: readonly Standing[];
  /** Those whose limit is exceeded for the first time in this window, as far as this instance knows. */
  readonly newlyExceeded: readonly Standing[];
}

/** The call that is limited; a `CallContext` is one. */
export interface LimitedCall {
  readonly now: Date;
  readonly source: Source;
}

/** Limits calls: counts them for all instances, and remembers refusals in this one. */
export interface Limiter {
  /** Whether a policy limits anything. */
  isOn(policy: PolicyName): boolean;
  /** The first of these keys that memory knows to be used up. Counts nothing elsewhere. */
  recall(keys: readonly LimitKey[], call: LimitedCall): Standing | undefined;
  /**
   * Counts an attempt by each of these keys, in one round trip; in none if memory knows one of them to be used up.
   * @throws ApiError of the counter
   */
  count(keys: readonly LimitKey[], call: LimitedCall): Promise<Counted>;
  /** Takes the refusals that are over, to be told. */
  takeEnded(now: Date): readonly EndedRefusal[];
}

export interface LimiterParts {
  /** The policies that are on. */
  readonly policies: ReadonlyMap<PolicyName, Limit>;
  readonly counter: RateCounter;
  readonly bucketOf: (key: LimitKey) => Buffer;
}

/** @returns the limiter of one instance */
export function createLimiter({ policies, counter, bucketOf }: LimiterParts): Limiter {
  const refusals = createRefusals();
  const toAttempts = (keys: readonly LimitKey[]) =>
    keys.flatMap((key): Attempted[] => {
      const limit = policies.get(key.policy);
      return limit ? [{ policy: key.policy, limit, bucket: bucketOf(key) }] : [];
    });
  const recall = (attempts: readonly Attempted[], now: Date): Standing | undefined => {
    for (const attempt of attempts) {
      const known = refusals.recall(attempt.bucket, now);
      if (known) return { ...attempt, remaining: 0, resetsAt: known.resetsAt, isExceeded: true };
    }
    return undefined;
  };
  return {
    isOn: (policy) => policies.has(policy),

    recall: (keys, { now }) => recall(toAttempts(keys), now),

    async count(keys, { now, source }) {
      const attempts = toAttempts(keys);
      const known = recall(attempts, now);
      if (known || attempts.length === 0) return { standings: known ? [known] : [], newlyExceeded: [] };
      const counts = await counter.count(
        attempts.map(({ bucket, limit }) => ({ bucket, windowSeconds: limit.windowSeconds })),
        now,
      );
      const standings = attempts.map((attempt, place) => toStanding(attempt, counts[place]));
      const newlyExceeded = standings.filter(
        ({ isExceeded, bucket, policy, resetsAt }) =>
          isExceeded && refusals.note(bucket, { policy, resetsAt, source }, now),
      );
      return { standings, newlyExceeded };
    },

    takeEnded: (now) => refusals.takeEnded(now),
  };
}

type Attempted = Pick<Standing, "policy" | "limit" | "bucket">;

function toStanding(attempt: Attempted, counted: Count | undefined): Standing {
  if (!counted) throw new Error("the counter left an attempt uncounted");
  const { used, resetsAt } = counted;
  const { count } = attempt.limit;
  return { ...attempt, remaining: Math.max(0, count - used), resetsAt, isExceeded: used > count };
}
