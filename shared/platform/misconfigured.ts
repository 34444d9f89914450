import { ApiError } from "./errors/api-error.ts";
import type { ConfigError } from "./settings/config-error.ts";
import { log } from "./log.ts";

/** So often the log names the settings: every call fails alike, and anybody can call. */
const tellAgainMilliseconds = 60_000;

/** Settings come with a new process; until then there is nothing to be had. */
const retryAfterSeconds = 60;

let toldAt = -Infinity;

/**
 * Wrong settings of a host that stays up, as Azure's does: the log names them once a minute, in one line.
 * @returns what every caller is told, which names none of them
 */
export function misconfigured({ message }: ConfigError): ApiError {
  const now = performance.now();
  if (now - toldAt >= tellAgainMilliseconds) {
    toldAt = now;
    log("error", "service.misconfigured", { message });
  }
  return new ApiError("SERVICE_MISCONFIGURED", { retryAfterSeconds });
}
