import { errorTable, type ErrorCode } from "./table.ts";

/** Details of an error. `details` are sent to the caller; `cause` is only logged. */
export interface ApiErrorOptions {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
  /** Seconds for `Retry-After`. */
  readonly retryAfterSeconds?: number;
  /** Members of problem details (RFC 9457) beside those of every error. */
  readonly problem?: Readonly<Record<string, unknown>>;
  /** Response headers that this error needs, such as `Allow`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** The only error that callers see. Anything else that is thrown is a bug, answered as `INTERNAL_ERROR`. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: ErrorCode;
  readonly options: ApiErrorOptions;

  constructor(code: ErrorCode, options: ApiErrorOptions = {}) {
    super(errorTable[code].message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.options = options;
  }

  /** The HTTP status of the code. */
  get status(): number {
    return errorTable[this.code].status;
  }
}

/** The error for a single invalid field. @param more what else the caller is told about it */
export function invalidField(field: string, message: string, more?: Readonly<Record<string, unknown>>): ApiError {
  return new ApiError("VALIDATION_ERROR", { details: { fields: [{ field, message, ...more }] } });
}
