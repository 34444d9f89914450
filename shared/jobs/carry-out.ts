import { withRetry } from "../platform/database/budget.ts";
import { describeError, log, type LogFields } from "../platform/log.ts";
import { misconfigured } from "../platform/misconfigured.ts";
import { ConfigError } from "../platform/settings/config-error.ts";
import { noSource } from "../platform/source.ts";
import type { CallContext } from "../context.ts";
import { services, type Services } from "../services.ts";

/** The work of a job. @returns what to log */
export type JobWork = (call: { readonly context: CallContext }) => Promise<LogFields>;

export interface JobOptions {
  /** Whether the job needs the database. It is then woken up first, and waited for. */
  readonly usesDatabase: boolean;
}

/** How long a database may take to wake up: nobody waits for a job, but some plans end a function after 5 minutes. */
const wakingMilliseconds = 90_000;

/** Runs a job, and logs one line about what it did, or why it failed. @throws whatever it failed with, for the host */
export async function carryOutJob(run: JobWork, { usesDatabase }: JobOptions): Promise<void> {
  const startedAt = performance.now();
  try {
    const ready = services();
    if (usesDatabase) await wake(ready);
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
