import type { ErrorCode } from "./api.ts";

/** What the service never says: it was not reached, or not understood, or the call never left the device. */
export type ClientErrorCode =
  /** Nothing answered. */
  | "NETWORK_ERROR"
  /** What answered is not the service: a firewall, a gateway, a hotel's sign-in page. */
  | "BLOCKED_BY_INTERMEDIARY"
  /** The service answered with what this version of the client cannot use. */
  | "UNEXPECTED_ANSWER"
  /** The browser, or what the application lends to the client, lacks something, blocks it or fails: `message` says what. */
  | "PLATFORM_ERROR"
  /** An option that cannot work. */
  | "INVALID_OPTIONS";

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
      readonly details?: Readonly<Record<string, unknown>> | undefined;
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

/** Throws an error of ours as it is, and any other as the cause of one of ours. */
export function fail(cause: unknown): never {
  throw cause instanceof LatchkeyError
    ? cause
    : // What has no text of its own has no reason either.
      new LatchkeyError(
        "PLATFORM_ERROR",
        `This browser or app does not support this: ${ifAllowed(() => String(cause))}`,
        {
          cause,
        },
      );
}

/** A method that rejects only with errors of ours, whatever it is given, and never throws. */
export const method =
  <A extends readonly unknown[], T>(run: (...given: A) => Promise<T>) =>
  async (...given: A): Promise<T> => {
    try {
      return await run(...given);
    } catch (error) {
      return fail(error);
    }
  };

/** Does what the client can do without. @returns undefined where the browser lacks it or blocks it */
export function ifAllowed<T>(task: () => T): T | undefined {
  try {
    return task();
  } catch {
    return undefined;
  }
}

/** Whether the same call may succeed a little later: it did not reach the service, or its answer did not come back whole. What
 * a firewall refuses (403) it will refuse again; a gateway that is in trouble (502), or a hotel's page (200), may let it through. */
export function mayPass(error: unknown): error is LatchkeyError {
  if (!(error instanceof LatchkeyError)) return false;
  const { code, status } = error;
  if (status < 400) return code === "NETWORK_ERROR" || code === "BLOCKED_BY_INTERMEDIARY";
  return status === 429 || status >= 500;
}
