import path from "node:path";
import { afterEach, beforeEach } from "vitest";
import { temporaryFolder } from "./folder.ts";
import { testSettings } from "./settings.ts";

/** Gives each test of a file the settings that a command reads, in the environment, with an embedded database of its own. */
export function useCommandSettings(settings: Readonly<Record<string, string>> = {}): void {
  const before = { ...process.env };
  beforeEach(() => {
    const file = path.join(temporaryFolder(), "latchkey.db");
    Object.assign(process.env, testSettings, { EMBEDDED_DB_FILE: file }, settings);
  });
  afterEach(() => {
    process.env = { ...before };
  });
}
