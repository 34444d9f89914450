import { DatabaseUnavailable, DuplicateKeyError } from "./errors.ts";

const duplicateKey = new Set([2067, 1555]);
const busy = new Set([5, 6]);
/** read-only, I/O error, corrupt, full, cannot open, not a database: SQLite's primary result codes. */
const unusable = new Set([8, 10, 11, 13, 14, 26]);

/** Runs `work`; what SQLite reports comes out as the errors that both engines share. */
export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
    const isFileFault = error instanceof Error && "syscall" in error;
    if (duplicateKey.has(code)) throw new DuplicateKeyError("duplicate key", { cause: error });
    if (busy.has(code & 0xff)) throw new DatabaseUnavailable(error, { isTransient: true });
    if (unusable.has(code & 0xff) || isFileFault) throw new DatabaseUnavailable(error, { isTransient: false });
    throw error;
  }
}
