import { describeFailure } from "./failure.ts";
import { formatInstant, type Job, type JobHost } from "./job.ts";
import type { PlannedTimer } from "./plan.ts";

/** The longest sleep. The clock is read again after it, because it jumps when a laptop wakes up. */
const LONGEST_SLEEP_MS = 60_000;

/** Azure keeps no record of timers that run more often than this. */
const SHORTEST_MONITORED_MS = 60_000;

const NEVER = "0001-01-01T00:00:00+00:00";

/**
 * Calls the function whenever its schedule is due, and at once if it has `runOnStartup`. While a call is still running,
 * the next one is skipped.
 */
export function startTimer({ called, schedule }: PlannedTimer, host: JobHost): Job {
  let sleeping: NodeJS.Timeout | undefined;
  let running = Promise.resolve();
  let isClosed = false;
  let last = NEVER;

  async function call(due: Date): Promise<void> {
    const status = isMonitored({ called, schedule })
      ? { Last: last, Next: formatInstant(due), LastUpdated: last }
      : null;
    // In .NET's spelling; the library converts the names to camel case.
    const json = JSON.stringify({ Schedule: { AdjustForDST: true }, ScheduleStatus: status, IsPastDue: false });
    try {
      await host.invoke(called, { data: { json } });
    } catch (error) {
      host.log(describeFailure(called.name, error));
    }
    last = formatInstant(due);
  }

  function sleepUntil(due: Date | undefined): void {
    if (!due || isClosed) return;
    const remaining = due.getTime() - Date.now();
    sleeping = setTimeout(() => wake(due), Math.min(Math.max(remaining, 0), LONGEST_SLEEP_MS));
  }

  function wake(due: Date): void {
    if (Date.now() < due.getTime()) return sleepUntil(due);
    running = call(due).then(() => sleepUntil(schedule(new Date())));
  }

  if (called.trigger["runOnStartup"] === true) wake(new Date());
  else sleepUntil(schedule(new Date()));

  return {
    close() {
      isClosed = true;
      clearTimeout(sleeping);
      return running;
    },
  };
}

function isMonitored({ called, schedule }: PlannedTimer): boolean {
  if (called.trigger["useMonitor"] === false) return false;
  const first = schedule(new Date());
  const second = first && schedule(first);
  return !first || !second || second.getTime() - first.getTime() >= SHORTEST_MONITORED_MS;
}
