import { ApiError } from "../errors/api-error.ts";

/** A row with this unique key exists. Both engines report it like this, whatever their own error number. */
export class DuplicateKeyError extends Error {
  override readonly name = "DuplicateKeyError";
}

/** Whether a write failed because its unique key exists, and so wrote nothing. */
export async function isDuplicate(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return false;
  } catch (error) {
    if (error instanceof DuplicateKeyError) return true;
    throw error;
  }
}

/** A row refers to one that does not exist, or a row that others refer to was to be deleted. */
export class ForeignKeyError extends Error {
  override readonly name = "ForeignKeyError";
}

export interface Unavailability {
  /** Whether trying again soon may help. */
  readonly isTransient: boolean;
  /** What is wrong, in our own words: without names, addresses or texts from the server. */
  readonly reason: string;
  /** Whether the statement may have taken effect all the same, because only the answer is missing. */
  readonly isEffectUnknown?: boolean;
  readonly retryAfterSeconds?: number;
}

/** The database cannot serve now: callers get a 503. The message is one line that an operator can act on. */
export class DatabaseUnavailable extends ApiError {
  readonly isTransient: boolean;
  readonly isEffectUnknown: boolean;
  readonly reason: string;

  constructor(cause: unknown, { isTransient, reason, isEffectUnknown = false, retryAfterSeconds = 5 }: Unavailability) {
    super("DATABASE_UNAVAILABLE", { cause, retryAfterSeconds });
    this.isTransient = isTransient;
    this.isEffectUnknown = isEffectUnknown;
    this.reason = reason;
    this.message += `: ${reason}`;
  }
}
