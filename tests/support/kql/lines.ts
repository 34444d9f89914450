import { addSeconds } from "../../../shared/platform/clock.ts";
import { withinInvocation, type LogLevel } from "../../../shared/platform/log.ts";

/** A row of `traces`, as far as queries read it. */
export type Trace = {
  readonly timestamp: Date;
  readonly message: string;
  readonly severityLevel: number;
};

/** Now, for queries on samples. */
export const now: Date = new Date("2026-12-01T09:30:00.000Z");

export function minutesAgo(minutes: number): Date {
  return addSeconds(now, -60 * minutes);
}

/** How Application Insights counts the levels of a log. */
const severities = { info: 1, warn: 2, error: 3 } as const;

export interface Origin {
  /** When it was logged. */
  readonly minutesAgo?: number;
  /** The function that logged it. */
  readonly name?: string;
  readonly requestId?: string;
}

/** The lines that some work of the service writes, as rows of `traces`. */
export async function traces(
  work: () => unknown,
  { minutesAgo: age = 5, name = "login", requestId = "request-1" }: Origin = {},
): Promise<Trace[]> {
  const rows: Trace[] = [];
  const write = (level: LogLevel, message: string) =>
    void rows.push(traceOf(message, severities[level], minutesAgo(age)));
  await withinInvocation({ requestId, functionName: name, write }, async () => work());
  return rows;
}

/** A line as a row of `traces`. */
export function traceOf(message: string, severityLevel: number, timestamp: Date): Trace {
  return { timestamp, message, severityLevel };
}
