import { constants } from "node:os";

/** npm passes on a signal that the terminal has already delivered: within this time it is the same one. */
const SAME_SIGNAL_MS = 500;

const PARENT_CHECK_MS = 200;

/**
 * On the first SIGINT, SIGTERM or SIGHUP (a closing terminal), calls `stop` and then exits with 0, or with 1 if
 * stopping failed. On a second one, exits at once.
 */
export function onStopSignal(stop: () => Promise<void>): void {
  let stoppingSince: number | undefined;
  const receive = (signal: "SIGINT" | "SIGTERM" | "SIGHUP"): void => {
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
  process.on("SIGHUP", receive);
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
