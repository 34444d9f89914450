import type { ErrorEntries } from "./entry.ts";

/** Faults of the service or its dependencies. */
export const serviceErrors = {
  INTERNAL_ERROR: {
    status: 500,
    message: "Something went wrong on our side",
    remedy: "Try again. If the error persists, give the operator the `X-Request-Id`.",
  },
  DATABASE_UNAVAILABLE: {
    status: 503,
    message: "The database cannot be reached",
    remedy: "Retry after `Retry-After` seconds.",
  },
  SIGNING_UNAVAILABLE: {
    status: 503,
    message: "Tokens cannot be signed at the moment",
    remedy: "Retry after `Retry-After` seconds.",
  },
  CAPTCHA_UNAVAILABLE: {
    status: 503,
    message: "The captcha cannot be verified at the moment",
    remedy: "Retry after `Retry-After` seconds with a new `captcha_token`, or sign in another way.",
  },
  SERVICE_MISCONFIGURED: {
    status: 503,
    message: "The service is misconfigured",
    remedy: "Tell the operator: the service's log names the wrong settings.",
  },
  OVERLOADED: {
    status: 503,
    message: "The service is busy",
    remedy: "Retry after `Retry-After` seconds.",
  },
  LIMITS_UNAVAILABLE: {
    status: 503,
    message: "Attempts cannot be counted at the moment, so none are admitted",
    remedy: "Retry after `Retry-After` seconds.",
    type: "https://iana.org/assignments/http-problem-types#temporary-reduced-capacity",
  },
} as const satisfies ErrorEntries;
