import { app, type InvocationContext } from "@azure/functions";
import { withinInvocation, type LogLevel } from "../platform/log.ts";
import { carryOutJob, type JobWork } from "./carry-out.ts";

export interface TimerSpec {
  /** The function's name. */
  readonly name: string;
  /** When it runs: NCRONTAB with six fields, in UTC. At most daily, so that a serverless database can sleep. */
  readonly schedule: string;
  /** Does the work. @returns what to log */
  readonly run: JobWork;
}

/**
 * Declares a function that runs on a schedule. Logs one line about what it did, or why it failed; it then runs again at
 * its next time. Declaring reads no settings and opens nothing.
 */
export function timer({ name, schedule, run }: TimerSpec): void {
  app.timer(name, {
    schedule,
    handler: (_timer, context: InvocationContext): Promise<void> => {
      const write = (level: LogLevel, line: string) => context[level](line);
      const invocation = { requestId: context.invocationId, functionName: name, write };
      return withinInvocation(invocation, () => carryOutJob(run, { usesDatabase: true }));
    },
  });
}
