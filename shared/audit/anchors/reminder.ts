import { addSeconds, type Clock } from "../../platform/clock.ts";
import { describeError, log } from "../../platform/log.ts";
import { outsideAnyCall } from "../../platform/outside.ts";

/** Sees to it that what was kept is anchored soon. Nothing polls: without events nobody is reminded. */
export interface Reminder {
  /** Call it after each commit that kept events. Returns at once, and never fails. */
  remind(): void;
  /** Forgets what it has not handed on. */
  close(): void;
}

/**
 * Has the reader of reminders called after `seconds`, about what was kept by an instant.
 * @throws Error if that cannot be had now
 */
export type Deliver = (until: Date, seconds: number) => Promise<void>;

/** @param seconds between two reminders of this process */
export function createReminder(
  deliver: Deliver,
  { seconds, clock }: { readonly seconds: number; readonly clock: Clock },
): Reminder {
  let nextAt = clock.now();
  let isClosed = false;
  const hand = async (until: Date): Promise<void> => {
    try {
      await deliver(until, seconds);
    } catch (error) {
      log("warn", "audit.not_reminded", { cause: describeError(error) });
      // A later event tries again.
      nextAt = addSeconds(clock.now(), pauseSeconds);
    }
  };
  return {
    remind() {
      const now = clock.now();
      // A clock that was put back must not silence it for longer than one that was not.
      const isTooFar = nextAt > addSeconds(now, seconds);
      if (isClosed || (now < nextAt && !isTooFar)) return;
      nextAt = addSeconds(now, seconds);
      outsideAnyCall(() => void hand(nextAt));
    },
    close: () => void (isClosed = true),
  };
}

const pauseSeconds = 10;

/** Without a queue: within this process, which its timers do not keep alive. */
export function deliverHere(read: (until: Date) => Promise<unknown>): Deliver & { readonly close: () => void } {
  const timers = new Set<NodeJS.Timeout>();
  const deliver = async (until: Date, seconds: number) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      read(until).catch((error: unknown) => log("warn", "audit.not_anchored", { cause: describeError(error) }));
    }, seconds * 1000);
    timers.add(timer.unref());
  };
  return Object.assign(deliver, { close: () => timers.forEach(clearTimeout) });
}
