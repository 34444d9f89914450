import type { ErrorEntries } from "./entry.ts";

/** Faults of the service and of what it depends on. */
export const serviceErrors = {
  INTERNAL_ERROR: {
    status: 500,
    message: "Something went wrong on our side",
    remedy: "Try again; if it stays, give the operator the `X-Request-Id`.",
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    message: "The database cannot be reached",
    remedy: "Try again after `Retry-After` seconds.",
  },
  SIGNING_UNAVAILABLE: {
    status: 503,
    message: "Tokens cannot be signed now",
    remedy: "Try again after `Retry-After` seconds.",
  },
  SERVICE_MISCONFIGURED: {
    status: 503,
    message: "The service is not set up correctly",
    remedy: "Tell the operator: the service's log names the settings that are wrong.",
  },
  OVERLOADED: {
    status: 503,
    message: "The service is busy",
    remedy: "Try again after `Retry-After` seconds.",
  },
} as const satisfies ErrorEntries;
