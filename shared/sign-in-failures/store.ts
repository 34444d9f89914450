import { addSeconds } from "../platform/clock.ts";
import type { Queries } from "../platform/database/database.ts";
import {
  add,
  forget,
  forgetSecondFactors,
  giveBackPaced,
  giveBackTallied,
  never,
  paceAcquaintance,
  paceStranger,
  readOne,
  readStranger,
  remove,
  tally,
  tallyAdmitted,
} from "./queries.ts";
import {
  delaySeconds,
  doublings,
  isClosed,
  mostAddresses,
  networkPaceSeconds,
  toldEverySeconds,
  toldFailures,
  windowSeconds,
  type FailureCounts,
} from "./rules.ts";
import type { SignInFailureSettings } from "./settings.ts";
import { createSubjects, type Claimant, type Stranger, type Subjects } from "./subjects.ts";
import type { FailureQueries, SignInFailuresTable } from "./tables.ts";

/** An attempt to sign in with a password that is counted as a failure until it has succeeded. */
export interface CountedAttempt {
  readonly id: string;
  readonly counts: FailureCounts;
  /** For an attempt that is not admitted, and not counted: how long the next one has to wait. */
  readonly retryAfterSeconds: number | undefined;
  /** Whether it fails whatever its password is: see `isClosed`. */
  readonly isClosed: boolean;
  /** Whether the account's owner is to be told of the failures if this is another one: some attempt of each day. */
  readonly isToldToOwner: boolean;
  /** Under which rows it was counted; undefined if nothing is counted. */
  readonly subjects: Subjects | undefined;
}

export type SignInFailureStore = ReturnType<ReturnType<typeof createSignInFailures>>;

/** @returns a function that creates the queries on `sign_in_failures` for a connection */
export function createSignInFailures(settings: SignInFailureSettings, secretKey: string) {
  const subjectsOf = createSubjects(secretKey);
  return (queries: Queries) => {
    const db = queries.withTables<{ sign_in_failures: SignInFailuresTable }>();
    return {
      /**
       * Counts an attempt as a failure, before its password is verified: of any number at once, exactly those are
       * admitted that the rules allow. Ends its transaction, and runs in one message. A second run with the same id counts
       * nothing.
       * @throws DuplicateKeyError if another call adds the same row: run it again
       */
      async count(claimant: Claimant, { id, now }: { id: string; now: Date }): Promise<CountedAttempt> {
        const subjects = subjectsOf.attempt(claimant, now);
        const rows = await countOn(db, { subjects, id, settings, now });
        return toAttempt(rows, { subjects, id, settings, now });
      },

      /**
       * Slows the network of an attempt that is one of credential stuffing. Ends its transaction.
       * @returns whether nobody was told of this network within the hour
       */
      async slow({ subjects, id }: CountedAttempt, now: Date): Promise<boolean> {
        if (!subjects?.common) return false;
        const { network: subject } = subjects.common;
        await add.later(db, { subject, accountId: null, never });
        const told = { toldFailures: 1, toldBefore: addSeconds(now, -windowSeconds) };
        await tally.later(db, { subject, attempt: id, now, ...told });
        return (await readOne.last(db, { subject }))[0]?.notice_id === id;
      },

      /** Counts a wrong recovery code, which delays nobody. Ends its transaction. @throws DuplicateKeyError as `count` does */
      async tallyRecoveryCode(accountId: string, { id, now }: { id: string; now: Date }): Promise<CountedAttempt> {
        const subject = subjectsOf.recoveryCodes(accountId);
        await add.later(db, { subject, accountId, never });
        const told = { toldFailures, toldBefore: addSeconds(now, -toldEverySeconds) };
        await tally.later(db, { subject, attempt: id, now, ...told });
        const rows = await readOne.last(db, { subject });
        const subjects = { paced: subject, bounded: subject, accountId, common: undefined };
        return toAttempt(rows, { subjects, id, settings, now });
      },

      /** After a success: the failures that were counted with the attempt count no more. Travels with the next statement. */
      async reset({ subjects }: CountedAttempt): Promise<void> {
        for (const subject of subjects ? rowsOf(subjects) : []) await remove.later(db, { subject });
      },

      /**
       * Takes an attempt back whose password was not verified, or was right, as if it had not been made. Counts down
       * again if it runs again, and so admits one more: not for a transaction that is repeatable. Ends its transaction.
       */
      async giveBack({ id, subjects, counts }: CountedAttempt, now: Date): Promise<void> {
        // The last failure was at least as long ago as its delay.
        const failedAt = addSeconds(now, -delaySeconds(counts.inARow - 1, settings));
        if (!subjects) return;
        const { paced: subject, bounded } = subjects;
        await giveBackPaced.later(db, { subject, attempt: id, failedAt });
        if (bounded !== subject) await giveBackTallied.later(db, { subject: bounded });
      },

      /**
       * Forgets the wrong passwords of an account. Not its wrong codes of second factors: whoever has the first factor
       * could otherwise guess on and on. Travels with the next statement.
       */
      forget: (accountId: string): Promise<void> =>
        forget.later(db, { accountId, ...subjectsOf.secondFactors(accountId) }),

      /** Forgets the wrong codes of an account's second factors, on all devices. Travels with the next statement. */
      forgetSecondFactors: (accountId: string): Promise<void> =>
        forgetSecondFactors.later(db, { accountId, ...subjectsOf.secondFactors(accountId) }),

      /** Forgets the failures of an address from a network. Travels with the next statement. */
      forgetAddress: (address: Pick<Stranger, "identifier" | "network">): Promise<void> =>
        remove.later(db, { subject: subjectsOf.stranger(address) }),

      /**
       * Removes up to `limit` rows of each kind whose last failure was before these instants: of addresses and networks,
       * and of accounts, or addresses without one. @returns how many
       */
      async purge(limit: number, before: { strangers: Date; accounts: Date }): Promise<number> {
        const old = db.selectFrom("sign_in_failures").select("subject").orderBy("failed_at").limit(limit);
        const ofStrangers = old.where("user_id", "is", null).where("failed_at", "<=", before.strangers);
        const ofAccounts = old.where("user_id", "is not", null).where("failed_at", "<=", before.accounts);
        let removed = 0;
        for (const query of [ofStrangers, ofAccounts]) {
          const removal = db.deleteFrom("sign_in_failures").where("subject", "in", query).returning("subject");
          removed += (await removal.execute()).length;
        }
        return removed;
      },
    };
  };
}

/** An attempt that nothing is counted of. */
export const uncounted: CountedAttempt = {
  id: "",
  counts: { inARow: 0, ofAccount: 0, addressesOfNetwork: 0, addressesOfPassword: 0 },
  retryAfterSeconds: undefined,
  isClosed: false,
  isToldToOwner: false,
  subjects: undefined,
};

interface Counting {
  readonly subjects: Subjects;
  readonly id: string;
  readonly settings: SignInFailureSettings;
  readonly now: Date;
}

/** Always in this order, so that two calls never wait for each other. */
const rowsOf = ({ paced, bounded }: Subjects): readonly Buffer[] => (paced === bounded ? [paced] : [paced, bounded]);

type Row = Pick<SignInFailuresTable, "subject" | "failures" | "failed_at" | "attempt_id" | "notice_id"> & {
  readonly of_network?: number | null;
  readonly of_password?: number | null;
};

async function countOn(db: FailureQueries, { subjects, id: attempt, settings, now }: Counting): Promise<Row[]> {
  const { paced, bounded, accountId, common } = subjects;
  const pacing = { subject: paced, attempt, now, ...instants(settings, now) };
  const told = { toldFailures, toldBefore: addSeconds(now, -toldEverySeconds) };
  await add.later(db, { subject: paced, accountId: common ? null : accountId, never });
  if (!common) {
    await paceAcquaintance.later(db, { ...pacing, ...told });
    return readOne.last(db, { subject: paced });
  }
  const { network, passwordMark: mark } = common;
  await paceStranger.later(db, { ...pacing, network, mark, slowedSince: addSeconds(now, -networkPaceSeconds) });
  await add.later(db, { subject: bounded, accountId, never });
  await tallyAdmitted.later(db, { subject: bounded, paced, attempt, now, ...told });
  const since = addSeconds(now, -windowSeconds);
  return readStranger.last(db, { paced, bounded, network, mark, since, most: mostAddresses });
}

/** When the last failure must have been for an attempt to be admitted now, by how many there were. */
function instants(settings: SignInFailureSettings, now: Date) {
  const { free, longestDelaySeconds } = settings;
  const since = (step: number) => addSeconds(now, -delaySeconds(free + step, settings));
  const steps = Array.from({ length: doublings }, (_, step) => [`since${step}`, since(step)] as const);
  const bySteps: Readonly<Record<`since${number}`, Date>> = Object.fromEntries(steps);
  return { ...bySteps, free, longest: addSeconds(now, -longestDelaySeconds) };
}

function toAttempt(rows: readonly Row[], { subjects, id, settings, now }: Counting): CountedAttempt {
  const find = (subject: Buffer | undefined) => rows.find((row) => subject?.equals(row.subject));
  const [paced, bounded] = [find(subjects.paced), find(subjects.bounded)];
  const slowed = find(subjects.common?.network);
  const counts = {
    inARow: paced?.failures ?? 0,
    ofAccount: bounded?.failures ?? 0,
    addressesOfNetwork: paced?.of_network ?? 0,
    addressesOfPassword: paced?.of_password ?? 0,
  };
  const freeAt = Math.max(
    paced ? addSeconds(paced.failed_at, delaySeconds(paced.failures, settings)).getTime() : 0,
    slowed ? addSeconds(slowed.failed_at, networkPaceSeconds).getTime() : 0,
  );
  const isAdmitted = paced?.attempt_id === id;
  return {
    id,
    counts,
    retryAfterSeconds: isAdmitted ? undefined : Math.max(1, Math.ceil((freeAt - now.getTime()) / 1000)),
    isClosed: isClosed(counts, settings),
    isToldToOwner: bounded?.notice_id === id,
    subjects,
  };
}
