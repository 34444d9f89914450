import type { ChildProcess } from "node:child_process";
import os from "node:os";

/** Attackers have machines of their own. Here they take what the service and the measurement leave of the processors. */
export function leaveRoom({ pid }: ChildProcess): void {
  if (pid !== undefined) os.setPriority(pid, os.constants.priority.PRIORITY_LOW);
}
