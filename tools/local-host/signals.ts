import { constants } from "node:os";

/** npm passes on a signal that the terminal has delivered already: what comes within this time is the same one. */
const SAME_SIGNAL_MS = 500;

const PARENT_CHECK_MS = 200;

/**
 * At the first SIGINT or SIGTERM calls `stop`, then ends the process with 0, or with 1 when stopping failed.
 * At a second one, ends the process at once.
 */
export function onStopSignal(stop: () => Promise<void>): void {
  let stoppingSince: number | undefined;
  const receive = (signal: "SIGINT" | "SIGTERM"): void => {
    if (stoppingSince === undefined) {
      stoppingSince = performance.now();
      void stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    } else if (performance.now() - stoppingSince > SAME_SIGNAL_MS) {
      process.exit(128 + constants.signals[signal]);
    }
  };
  process.on("SIGINT", receive);
  process.on("SIGTERM", receive);
  if (process.env["npm_lifecycle_event"]) onOrphaned(() => receive("SIGTERM"));
}

/** A SIGTERM to npm ends the shell between npm and this process, which does not pass it on. */
function onOrphaned(orphaned: () => void): void {
  const parent = process.ppid;
  const check = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(check);
    orphaned();
  }, PARENT_CHECK_MS);
  check.unref();
}
