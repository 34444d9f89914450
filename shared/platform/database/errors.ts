import { ApiError } from "../errors.ts";

/** A row with this unique key exists. Both engines report it as this, whatever their own number for it. */
export class DuplicateKeyError extends Error {
  override readonly name = "DuplicateKeyError";
}

/** The database cannot serve now: a 503 for the caller. `isTransient` says whether trying again soon may help. */
export class DatabaseUnavailable extends ApiError {
  readonly isTransient: boolean;

  constructor(cause: unknown, { isTransient }: { isTransient: boolean }) {
    super("DATABASE_UNAVAILABLE", { cause, retryAfterSeconds: 5 });
    this.isTransient = isTransient;
  }
}
