import { systemClock } from "../shared/platform/clock.ts";
import { loadProcessConfig } from "../shared/platform/config.ts";
import { createServices } from "../shared/services.ts";
import { explainDatabaseFault } from "./database-fault.ts";

/**
 * What must hold before the service is worth starting: settings that parse, a database that opens and migrates, a signing
 * key that this `SECRET_KEY` opens (made now, if there is none).
 * @throws Error whose message says what to do
 */
export async function prepare(): Promise<void> {
  const services = createServices(loadProcessConfig());
  try {
    await services.database.ping();
    await services.signingKeys.current(systemClock.now());
  } catch (error) {
    throw explainDatabaseFault(error);
  } finally {
    await services.close().catch(() => undefined);
  }
}
