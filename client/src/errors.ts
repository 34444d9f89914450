import type { ErrorCode } from "./api.ts";

/** Errors of the client itself: the service was not reached or not understood, or the call never left the device. */
export type ClientErrorCode =
  /** Nothing answered. */
  | "NETWORK_ERROR"
  /** The first factor was right, and a second one is due: `details` is the answer of `POST /auth/login`. */
  | "MFA_REQUIRED"
  /** The browser or authenticator has a passkey of the account already. */
  | "PASSKEY_EXISTS"
  /** Something other than the service answered: a firewall, a gateway, a hotel's sign-in page. */
  | "BLOCKED_BY_INTERMEDIARY"
  /** The service sent an answer that this version of the client cannot use. */
  | "UNEXPECTED_ANSWER"
  /** Something that the browser or the application provides is missing, blocked or broken; `message` says what. */
  | "PLATFORM_ERROR"
  /** An option that cannot work. */
  | "INVALID_OPTIONS";

/** Why a call did not succeed. */
export class LatchkeyError extends Error {
  override readonly name = "LatchkeyError";
  /** The service's `error_code`, for programs; `message` is for people. */
  readonly code: ErrorCode | ClientErrorCode;
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  /** Further details; for `VALIDATION_ERROR`, `fields` lists `{field, message}`. */
  readonly details: Readonly<Record<string, unknown>>;
  /** How long to wait before trying again, if the service says so (429, 503). */
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

/** Rethrows a `LatchkeyError` as it is, and wraps anything else in one. */
export function fail(cause: unknown): never {
  throw cause instanceof LatchkeyError
    ? cause
    : // What cannot be turned into text gives no reason either.
      new LatchkeyError(
        "PLATFORM_ERROR",
        `This browser or app does not support this: ${ifAllowed(() => String(cause))}`,
        {
          cause,
        },
      );
}

/** Wraps a method so that it never throws and rejects only with a `LatchkeyError`, whatever its arguments. */
export const method =
  <A extends readonly unknown[], T>(run: (...given: A) => Promise<T>) =>
  async (...given: A): Promise<T> => {
    try {
      return await run(...given);
    } catch (error) {
      return fail(error);
    }
  };

/** Runs something optional. @returns undefined if the browser lacks or blocks it */
export function ifAllowed<T>(task: () => T): T | undefined {
  try {
    return task();
  } catch {
    return undefined;
  }
}

/**
 * Whether the same call may succeed a little later: it did not reach the service, or the answer did not come back
 * whole. A firewall's refusal (403) will repeat itself; a gateway in trouble (502) or a hotel's page (200) may go away.
 */
export function mayPass(error: unknown): error is LatchkeyError {
  if (!(error instanceof LatchkeyError)) return false;
  const { code, status } = error;
  if (status < 400) return code === "NETWORK_ERROR" || code === "BLOCKED_BY_INTERMEDIARY";
  return status === 429 || status >= 500;
}
