import { section, type Part } from "../platform/settings/section.ts";
import { days, minutes, whole } from "../platform/settings/types.ts";

const day = 24 * 60 * 60;

/** How long people stay signed in, and on how many devices. */
export const sessionSettings = section({
  title: "Sessions",
  settings: {
    idleSeconds: {
      name: "REFRESH_TOKEN_EXPIRE_DAYS",
      type: days(1, 365),
      unit: "days",
      defaultText: "7, or `SESSION_ABSOLUTE_DAYS` if that is less",
      about: "How long a session lives without being used.",
    },
    absoluteSeconds: {
      name: "SESSION_ABSOLUTE_DAYS",
      type: days(1, 3650),
      unit: "days",
      defaultText: "90, or `REFRESH_TOKEN_EXPIRE_DAYS` if that is more",
      about:
        "How long a session lives at most. If both are given, it must not be less than `REFRESH_TOKEN_EXPIRE_DAYS`.",
    },
    graceSeconds: {
      name: "REFRESH_TOKEN_GRACE_SECONDS",
      type: whole(0, 60),
      default: "10",
      unit: "seconds",
      about:
        "How long a used refresh token may be repeated, by other tabs or after a lost answer, unless its successor has been used.",
    },
    perAccount: {
      name: "SESSIONS_PER_ACCOUNT",
      type: whole(1, 1000),
      default: "50",
      unit: "sessions",
      about: "How many live sessions an account may have. A further sign-in ends the one used longest ago.",
    },
    sensitiveMaxAgeSeconds: {
      name: "SENSITIVE_MAX_AGE_MINUTES",
      type: minutes(1, 60),
      default: "5",
      unit: "minutes",
      about: "How recent a sign-in must be to change how the account is signed in to.",
    },
  },
  rules: ({ idleSeconds, absoluteSeconds }) => [
    [
      // If only one is given, the other's default adapts.
      (absoluteSeconds ?? Infinity) < (idleSeconds ?? 0),
      "SESSION_ABSOLUTE_DAYS",
      "must be REFRESH_TOKEN_EXPIRE_DAYS or more, or no session reaches its idle limit",
    ],
  ],
  complete({ idleSeconds, absoluteSeconds, ...values }) {
    const idle = idleSeconds ?? Math.min(7 * day, absoluteSeconds ?? 7 * day);
    return { ...values, idleSeconds: idle, absoluteSeconds: absoluteSeconds ?? Math.max(90 * day, idle) };
  },
});

export type SessionSettings = Part<typeof sessionSettings>;
