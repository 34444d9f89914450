import { loadProcessDatabaseConfig } from "../shared/config.ts";
import { DatabaseUnavailable } from "../shared/platform/database/errors.ts";

/**
 * Makes errors useful at a terminal: names the file that cannot be used and why, or the address that the server's
 * firewall would have to allow. Other errors are returned unchanged.
 */
export function explainDatabaseFault(error: unknown): unknown {
  if (!(error instanceof DatabaseUnavailable)) return error;
  const { embeddedFile, server } = loadProcessDatabaseConfig();
  // For a server, the error's own message is enough; for the embedded engine, the file can be named.
  if (server) return withAddress(error);
  const reason = error.cause instanceof Error ? error.cause.message : "unknown cause";
  const advice = error.isTransient
    ? "another process holds it; try again"
    : "put a backup in its place, or set EMBEDDED_DB_FILE to another file";
  return new Error(`The database ${embeddedFile} cannot be used (${reason}): ${advice}`, { cause: error });
}

/** Azure SQL reports the caller's address as it sees it; behind gateways nothing else could tell. */
function withAddress(error: DatabaseUnavailable): Error {
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    const address = /Client with IP address '([\d.]+)' is not allowed/.exec(cause.message)?.[1];
    if (address !== undefined) return new Error(`${error.message}: ${address}`, { cause: error });
  }
  return error;
}
