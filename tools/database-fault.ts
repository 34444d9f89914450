import { loadProcessDatabaseConfig } from "../shared/config.ts";
import { DatabaseUnavailable } from "../shared/platform/database/errors.ts";

/**
 * For people at a terminal: says which file cannot be used and why, or which address the server's firewall would have to admit.
 * Other errors come back as they are.
 */
export function explainDatabaseFault(error: unknown): unknown {
  if (!(error instanceof DatabaseUnavailable)) return error;
  const { embeddedFile, server } = loadProcessDatabaseConfig();
  // What is wrong with a server is said in the error's own line; a file can be named.
  if (server) return withAddress(error);
  const reason = error.cause instanceof Error ? error.cause.message : "unknown cause";
  return new Error(
    `The database ${embeddedFile} cannot be used (${reason}): repair or remove it, or set EMBEDDED_DB_FILE`,
    {
      cause: error,
    },
  );
}

/** Azure SQL says as which address it sees the caller: behind several gateways nobody else could tell. */
function withAddress(error: DatabaseUnavailable): Error {
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    const address = /Client with IP address '([\d.]+)' is not allowed/.exec(cause.message)?.[1];
    if (address !== undefined) return new Error(`${error.message}: ${address}`, { cause: error });
  }
  return error;
}
