import { loadProcessDatabaseConfig } from "../shared/platform/config.ts";
import { DatabaseUnavailable } from "../shared/platform/database/errors.ts";

/** For people at a terminal: says which file cannot be used and why. Other errors come back as they are. */
export function explainDatabaseFault(error: unknown): unknown {
  if (!(error instanceof DatabaseUnavailable)) return error;
  const { embeddedFile, server } = loadProcessDatabaseConfig();
  // What is wrong with a server is said in the error's own line; a file can be named.
  if (server) return error;
  const reason = error.cause instanceof Error ? error.cause.message : "unknown cause";
  return new Error(
    `The database ${embeddedFile} cannot be used (${reason}): mend or remove it, or set EMBEDDED_DB_FILE`,
    {
      cause: error,
    },
  );
}
