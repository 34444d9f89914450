import path from "node:path";
import { afterEach, beforeEach } from "vitest";
import { loadProcessConfig } from "../../shared/config.ts";
import type { Clock } from "../../shared/platform/clock.ts";
import { createServices, type Services } from "../../shared/services.ts";
import { copyMigrated } from "./database.ts";
import { databaseFolder } from "./folder.ts";
import { testSettings } from "./settings.ts";

/** Gives each test of a file the settings that a command reads, in the environment, with an embedded database of its own. */
export function useCommandSettings(settings: Readonly<Record<string, string>> = {}): void {
  const before = { ...process.env };
  beforeEach(async () => {
    const file = path.join(databaseFolder(), "latchkey.db");
    await copyMigrated(file);
    Object.assign(process.env, testSettings, { EMBEDDED_DB_FILE: file }, settings);
  });
  afterEach(() => {
    process.env = { ...before };
  });
}

/** Runs work with the services that a command would have. */
export async function withServices<T>(work: (services: Services) => Promise<T>, clock?: Clock): Promise<T> {
  const services = createServices(loadProcessConfig(), clock);
  try {
    return await work(services);
  } finally {
    await services.close();
  }
}
