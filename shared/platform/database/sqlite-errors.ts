import { DatabaseUnavailable, DuplicateKeyError, ForeignKeyError } from "./errors.ts";

/** Runs `work` and translates SQLite's errors into those that both engines share. */
export function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && "errcode" in error ? Number(error.errcode) : 0;
    const isFileFault = error instanceof Error && "syscall" in error;
    if (duplicateKey.has(code)) throw new DuplicateKeyError("duplicate key", { cause: error });
    if (code === foreignKey) throw new ForeignKeyError("foreign key", { cause: error });
    if (busy.has(code & 0xff))
      throw new DatabaseUnavailable(error, { isTransient: true, reason: "another process is writing to its file" });
    const reason = unusable.get(code & 0xff) ?? (isFileFault ? "its file cannot be opened" : undefined);
    if (reason !== undefined) throw new DatabaseUnavailable(error, { isTransient: false, reason });
    throw error;
  }
}

const duplicateKey = new Set([2067, 1555]);
const foreignKey = 787;
const busy = new Set([5, 6]);
/** SQLite's primary result codes for: read-only, I/O error, corrupt, full, cannot open, not a database. */
const unusable = new Map([
  [8, "its file is read-only"],
  [10, "its file cannot be read or written"],
  [11, "its file is damaged"],
  [13, "the disk is full"],
  [14, "its file cannot be opened"],
  [26, "its file is not a database"],
]);
