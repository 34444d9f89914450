import { ApiError } from "./errors/api-error.ts";
import type { ConfigError } from "./settings/config-error.ts";
import { log } from "./log.ts";

/**
 * Handles wrong settings in a host that stays up, as Azure's does: logs their names, at most one line a minute.
 * @returns the error for every caller, which names none of them
 */
export function misconfigured({ message }: ConfigError): ApiError {
  const now = performance.now();
  if (now - toldAt >= tellAgainMilliseconds) {
    toldAt = now;
    log("error", "service.misconfigured", { message });
  }
  return new ApiError("SERVICE_MISCONFIGURED", { retryAfterSeconds });
}

/** How often the log names the settings: every call fails in the same way, and anyone can call. */
const tellAgainMilliseconds = 60_000;

/** New settings need a new process, so an earlier retry is useless. */
const retryAfterSeconds = 60;

let toldAt = -Infinity;
