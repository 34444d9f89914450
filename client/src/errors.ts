import type { ErrorCode } from "./api.ts";

/** What the service never says, since it was not reached or not understood. */
export type ClientErrorCode = "NETWORK_ERROR" | "UNEXPECTED_ANSWER";

/** Why a call did not succeed. */
export class LatchkeyError extends Error {
  override readonly name = "LatchkeyError";
  /** The service's `error_code`, for a program; `message` is for people. */
  readonly code: ErrorCode | ClientErrorCode;
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** What more there is to say; `fields` of a `VALIDATION_ERROR` lists `{field, message}`. */
  readonly details: Readonly<Record<string, unknown>>;
  /** How long to wait before the next try, where the service says so (429, 503). */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode | ClientErrorCode,
    message: string,
    about: {
      readonly status?: number;
      readonly details?: Readonly<Record<string, unknown>>;
      readonly retryAfterSeconds?: number | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message, { cause: about.cause });
    this.code = code;
    this.status = about.status ?? 0;
    this.details = about.details ?? {};
    this.retryAfterSeconds = about.retryAfterSeconds;
  }
}

/** Whether the same call may succeed a little later: it did not reach the service, or its answer did not come back whole. */
export function mayPass(error: unknown): error is LatchkeyError {
  if (!(error instanceof LatchkeyError)) return false;
  const { code, status } = error;
  if (status < 400) return code === "NETWORK_ERROR" || code === "UNEXPECTED_ANSWER";
  return status === 429 || status >= 500;
}
