import { section, type Part } from "../platform/settings/section.ts";
import { whole } from "../platform/settings/types.ts";

/** OWASP's minimum of memory (KiB) for each number of iterations, at parallelism 1. */
const owaspMemoryKib: Readonly<Record<number, number>> = {
  1: 47104,
  2: 19456,
  3: 12288,
  4: 9216,
  5: 7168,
};

/** The rules for passwords, and the cost of their hashes. */
export const passwordSettings = section({
  title: "Passwords",
  about:
    "The next sign-in hashes a password anew when the cost has changed. Until all accounts have signed in, each sign-in does one hash for every cost in use ([why](decisions/0032-equal-work-for-every-address.md)).",
  settings: {
    minLength: {
      name: "PASSWORD_MIN_LENGTH",
      type: whole(8, 64),
      default: "15",
      unit: "characters",
      about: "The shortest password that people may choose.",
    },
    memoryKib: {
      name: "ARGON2_MEMORY_KIB",
      type: whole(8, 1048576),
      default: "19456",
      unit: "KiB",
      about: "How much memory a password hash takes. Production holds it to OWASP's minimum for `ARGON2_ITERATIONS`.",
    },
    iterations: {
      name: "ARGON2_ITERATIONS",
      type: whole(1, 100),
      default: "2",
      about: "How many passes a password hash makes over its memory.",
    },
    parallelism: {
      name: "ARGON2_PARALLELISM",
      type: whole(1, 16),
      default: "1",
      about: "How many lanes a password hash has.",
    },
  },
  rules: ({ memoryKib, parallelism }) => [
    [memoryKib < 8 * parallelism, "ARGON2_MEMORY_KIB", "must be at least 8 times ARGON2_PARALLELISM"],
  ],
  productionRules({ memoryKib, iterations }) {
    const least = owaspMemoryKib[Math.min(iterations, 5)] ?? 0;
    return [[memoryKib < least, "ARGON2_MEMORY_KIB", `must be ${least} or more with that many ARGON2_ITERATIONS`]];
  },
});

export type PasswordSettings = Part<typeof passwordSettings>;
