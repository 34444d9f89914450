import { appRoot } from "../shared/platform/root.ts";
import { explainDatabaseFault } from "./database-fault.ts";
import { loadSettings } from "./local-host/settings.ts";

/** Runs a command with the settings of this folder. What it throws is printed as a line, and ends the process with 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    loadSettings(appRoot());
    await command();
  } catch (error) {
    const fault = explainDatabaseFault(error);
    console.error(fault instanceof Error ? fault.message : fault);
    process.exitCode = 1;
  }
}
