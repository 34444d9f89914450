import { app, type InvocationContext } from "@azure/functions";
import { ConfigError } from "../platform/settings/config-error.ts";
import { withRetry } from "../platform/database/budget.ts";
import { describeError, log, withinInvocation, type LogFields, type LogLevel } from "../platform/log.ts";
import type { CallContext } from "../context.ts";
import { noSource } from "../platform/source.ts";
import { services, type Services } from "../services.ts";
import { misconfigured } from "../platform/misconfigured.ts";

export interface TimerSpec {
  /** The function's name. */
  readonly name: string;
  /** When it runs: NCRONTAB with six fields, in UTC. At most daily, so that a serverless database can sleep. */
  readonly schedule: string;
  /** Does the work. @returns what to log */
  readonly run: (call: { readonly context: CallContext }) => Promise<LogFields>;
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
      return withinInvocation({ requestId: context.invocationId, functionName: name, write }, () => carryOut(run));
    },
  });
}

/** How long a database may take to wake up: nobody waits for a timer, but some plans end a function after 5 minutes. */
const wakingMilliseconds = 90_000;

async function carryOut(run: TimerSpec["run"]): Promise<void> {
  const startedAt = performance.now();
  try {
    const ready = services();
    await wake(ready);
    const locale = ready.config.product.defaultLocale;
    const told = await run({ context: { services: ready, now: ready.clock.now(), source: noSource, locale } });
    log("info", "job.finished", { ...told, milliseconds: Math.round(performance.now() - startedAt) });
  } catch (error) {
    if (error instanceof ConfigError) misconfigured(error);
    else log("error", "job.failed", { cause: describeError(error) });
    throw error;
  }
}

async function wake({ database }: Services): Promise<void> {
  const retryUntil = performance.now() + wakingMilliseconds;
  await withRetry(
    { retryUntil, endsAt: retryUntil },
    () => database.wake(),
    () => true,
  );
}
