import { ApiError } from "../errors/api-error.ts";

/** A row with this unique key exists. Both engines report it as this, whatever their own number for it. */
export class DuplicateKeyError extends Error {
  override readonly name = "DuplicateKeyError";
}

/** Whether a write met a row with its unique key, and so wrote nothing. */
export async function isDuplicate(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return false;
  } catch (error) {
    if (error instanceof DuplicateKeyError) return true;
    throw error;
  }
}

/** A row refers to one that does not exist, or one that is referred to was to be deleted. */
export class ForeignKeyError extends Error {
  override readonly name = "ForeignKeyError";
}

export interface Unavailability {
  /** Whether trying again soon may help. */
  readonly isTransient: boolean;
  /** What is wrong, in words of ours: no name, address or text of the server's is in it. */
  readonly reason: string;
  /** Whether what was sent may have taken effect all the same: the answer is missing, not the deed. */
  readonly isEffectUnknown?: boolean;
  readonly retryAfterSeconds?: number;
}

/** The database cannot serve now: a 503 for the caller. Its message is one line that an operator can act on. */
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
