import { AsyncLocalStorage } from "node:async_hooks";
import { systemClock } from "./clock.ts";

export type LogLevel = "info" | "warn" | "error";

/**
 * Further fields of a log line. Values of fields named like secrets, and values that look like tokens, are redacted.
 */
export type LogFields = Readonly<Record<string, unknown>>;

/** The current call: its lines go to the host's own logger and carry its id. */
export interface Invocation {
  readonly requestId: string;
  readonly functionName: string;
  write(level: LogLevel, line: string): void;
}

/**
 * Writes one line of JSON: `{time, level, event, request_id?, function?, …fields}`. Within a call it goes to the
 * invocation's logger, otherwise to standard output.
 */
export function log(level: LogLevel, event: string, fields: LogFields = {}): void {
  const invocation = invocations.getStore();
  const origin = invocation ? { request_id: invocation.requestId, function: invocation.functionName } : {};
  const time = systemClock.now().toISOString();
  const line = JSON.stringify({ time, level, event, ...origin, ...fields }, redact);
  if (invocation) invocation.write(level, line);
  else process.stdout.write(`${line}\n`);
}

const invocations = new AsyncLocalStorage<Invocation>();

/** The id of the current call; undefined outside any. */
export function currentRequestId(): string | undefined {
  return invocations.getStore()?.requestId;
}

/** Runs `work` so that every line logged within it belongs to `invocation`. */
export function withinInvocation<T>(invocation: Invocation, work: () => T): T {
  return invocations.run(invocation, work);
}

/** An error as log fields: name, message, stack and the chain of causes. For logs only, never for callers. */
export function describeError(error: unknown, depth = 0): LogFields {
  if (!(error instanceof Error)) return { name: typeof error };
  const cause = error.cause === undefined || depth === 4 ? {} : { cause: describeError(error.cause, depth + 1) };
  return { name: error.name, message: error.message, stack: error.stack, ...cause };
}

const tellingName = /password|secret|token|cookie|authorization|credential|private|hash/i;
/**
 * A JWT; 43 or more base64url characters in a row, which is the shape of our tokens, keys and digests; the secret in a
 * connection string.
 */
const secretText =
  /eyJ[\w-]+\.[\w-]*(?:\.[\w-]*)?|[\w-]{43,}|(?<=(?:AccountKey|SharedAccessSignature|Password|Pwd)=)[^;\s]+/gi;

/** Skips the search for most values, which are short. */
function mayHoldSecret(text: string): boolean {
  return text.length >= 43 || text.includes("eyJ") || text.includes("=");
}

function redact(key: string, value: unknown): unknown {
  if (tellingName.test(key)) return "[redacted]";
  return typeof value === "string" && mayHoldSecret(value) ? value.replace(secretText, "[redacted]") : value;
}
