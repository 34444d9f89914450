import { systemClock } from "../shared/platform/clock.ts";
import { loadProcessConfig, type Config } from "../shared/platform/config.ts";
import { DatabaseUnavailable } from "../shared/platform/database/errors.ts";
import { createServices } from "../shared/services.ts";

/**
 * What must hold before the service is worth starting: settings that parse, a database that opens and migrates, a signing
 * key that this `SECRET_KEY` opens (made now, if there is none).
 * @throws Error whose message says what to do
 */
export async function prepare(): Promise<void> {
  const config = loadProcessConfig();
  const services = createServices(config);
  try {
    await services.database.ping();
    await services.signingKeys.current(systemClock.now());
  } catch (error) {
    throw error instanceof DatabaseUnavailable ? explain(error, config) : error;
  } finally {
    await services.close().catch(() => undefined);
  }
}

function explain(error: DatabaseUnavailable, { database }: Config): Error {
  // What is wrong with a server is said in the error's own line; a file can be named.
  if (database.server) return error;
  const { cause } = error;
  const reason = cause instanceof Error ? cause.message : "unknown cause";
  return new Error(
    `The database ${database.embeddedFile} cannot be used (${reason}): mend or remove it, or set EMBEDDED_DB_FILE`,
    { cause },
  );
}
