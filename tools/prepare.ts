import { systemClock } from "../shared/platform/clock.ts";
import { callbackUrl } from "../shared/social/providers/providers.ts";
import { loadProcessConfig, type Config } from "../shared/config.ts";
import { builtInProviders } from "../shared/social/providers/provider-settings.ts";
import { createServices } from "../shared/services.ts";
import { explainDatabaseFault } from "./database-fault.ts";
import { tellDoubtful } from "./doubtful-settings.ts";

/**
 * Checks what the service needs to start: settings that parse, a database that opens and migrates, and a signing key
 * that this `SECRET_KEY` opens (created now if there is none).
 * @returns lines to print once the service runs
 * @throws Error whose message says what to do
 */
export async function prepare(): Promise<string[]> {
  const config = tellDoubtful(loadProcessConfig());
  const services = createServices(config);
  try {
    await services.database.ping();
    await services.tokens.keys.ensureCanSign(systemClock.now());
    return describeCallbacks(config);
  } catch (error) {
    throw explainDatabaseFault(error);
  } finally {
    await services.close().catch(() => undefined);
  }
}

/** The callback URLs to register with each social provider, set up or not. */
export function describeCallbacks({
  service: { issuer },
  social: { providers },
}: Pick<Config, "service" | "social">): string[] {
  const setUp = new Set(providers.map(({ name }) => name));
  const names = [...new Set([...builtInProviders, ...setUp])];
  const width = Math.max(...names.map((name) => name.length));
  const lines = names.map((name) => {
    const note = setUp.has(name) ? "" : "  (not set up)";
    return `  ${name.padEnd(width)}  ${callbackUrl(issuer, name)}${note}`;
  });
  return ["", "Callback URLs of social login, to be registered with the provider (docs/social-login.md):", ...lines];
}
