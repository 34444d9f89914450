import path from "node:path";
import * as z from "zod";
import { appRoot } from "../platform/root.ts";
import type { Runtime } from "../platform/runtime/settings.ts";
import { section, type Part } from "../platform/settings/section.ts";
import { filePath, isSecureOrLocal, onOff, webUrl, whole } from "../platform/settings/types.ts";
import type { BreachSource } from "./policy/breaches.ts";
import { FilterFileFault, readFilter } from "./policy/filter-file.ts";
import type { FuseFilter } from "./policy/fuse-filter.ts";
import type { RangeSettings } from "./policy/range-api.ts";

/** OWASP's minimum of memory (KiB) for each number of iterations, at parallelism 1. */
const owaspMemoryKib: Readonly<Record<number, number>> = {
  1: 47104,
  2: 19456,
  3: 12288,
  4: 9216,
  5: 7168,
};

/** NIST SP 800-63B-4, section 3.1.1.2: as the only factor, and beside another that every sign-in takes. */
const [leastAlone, leastBesideFactor] = [15, 8];

const defaultRangeApi = "https://api.pwnedpasswords.com";

const rangeApi = webUrl
  .refine(isSecureOrLocal, "may be plain http for localhost only")
  .refine((text) => !/[?#]|\/$/.test(text), "must have no query, fragment or trailing slash");

/** Read at the start, so that a damaged file is refused then and not at the first password. */
const filterFile = filePath.transform((text, context) => {
  try {
    return readFilter(path.resolve(appRoot(), text));
  } catch (error) {
    if (!(error instanceof FilterFileFault)) throw error;
    context.addIssue({ code: "custom", message: error.message });
    return z.NEVER;
  }
});

/** The rules for passwords, and the cost of their hashes. */
export const passwordSettings = section({
  title: "Passwords",
  about:
    "The next sign-in hashes a password anew when the cost has changed. Until all accounts have signed in, each sign-in does one hash for every cost in use ([why](decisions/0032-equal-work-for-every-address.md)).",
  settings: {
    minLength: {
      name: "PASSWORD_MIN_LENGTH",
      type: whole(8, 64),
      defaultText: "`15`; `8` with `MFA_REQUIRED=all`",
      unit: "characters",
      about:
        "The shortest password that people may choose. NIST SP 800-63B-4 asks for 15 where a password is the only factor, and for 8 where every sign-in takes a second one. Passwords that were chosen before stay good.",
    },
    minScore: {
      name: "PASSWORD_MIN_SCORE",
      type: whole(0, 4),
      default: "2",
      about:
        "How hard a password must be to guess by zxcvbn's estimate, from 0 to 4. With 0, nothing is estimated ([passwords](passwords.md)).",
    },
    breached: {
      name: "BREACHED_PASSWORDS",
      type: onOff,
      defaultText: "`on`; in development `off`, unless `BREACHED_PASSWORDS_FILE` is set",
      about:
        "Whether passwords that are known from breaches are refused. [What leaves the service](passwords.md#what-leaves-the-service).",
    },
    breachedFile: {
      name: "BREACHED_PASSWORDS_FILE",
      type: filterFile,
      about:
        "A file of breached passwords, made by `npm run passwords -- build`, to look in instead of the range API. Nothing of a password leaves the service then.",
    },
    rangeApi: {
      name: "HIBP_BASE_URL",
      type: rangeApi,
      default: defaultRangeApi,
      about: "Where breached passwords are looked up: a range API as that of Have I Been Pwned.",
    },
    timeoutMilliseconds: {
      name: "HIBP_TIMEOUT_MS",
      type: whole(50, 60_000),
      default: "1000",
      unit: "ms",
      about:
        "How long to wait for the range API. After that, a password is let through, and looked up at the next sign-in.",
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
  productionRules({ memoryKib, iterations, rangeApi: url }) {
    const least = owaspMemoryKib[Math.min(iterations, 5)] ?? 0;
    return [
      [memoryKib < least, "ARGON2_MEMORY_KIB", `must be ${least} or more with that many ARGON2_ITERATIONS`],
      [url.startsWith("http:"), "HIBP_BASE_URL", "must be https in production"],
    ];
  },
  idleRules: ({ breached, breachedFile }, isChosen) => [
    [
      breached === false && breachedFile !== undefined,
      "BREACHED_PASSWORDS_FILE",
      "does nothing with BREACHED_PASSWORDS=off",
    ],
    [
      isChosen("rangeApi") && (breached === false || breachedFile !== undefined),
      "HIBP_BASE_URL",
      "does nothing with BREACHED_PASSWORDS=off or BREACHED_PASSWORDS_FILE",
    ],
  ],
  complete: (
    { minLength, breached, breachedFile: filter, rangeApi: baseUrl, timeoutMilliseconds, ...values },
    { runtime, mfa }: { readonly runtime: Runtime; readonly mfa: { readonly isRequired: boolean } },
  ) => ({
    ...values,
    minLength: minLength ?? (mfa.isRequired ? leastBesideFactor : leastAlone),
    breached: breachSource({
      isOn: breached ?? (filter !== undefined || !runtime.isDevelopment),
      filter,
      baseUrl,
      timeoutMilliseconds,
    }),
  }),
});

function breachSource({
  isOn,
  filter,
  ...range
}: RangeSettings & { readonly isOn: boolean; readonly filter: FuseFilter | undefined }): BreachSource {
  if (!isOn) return { kind: "off" };
  return filter ? { kind: "filter", filter } : { kind: "range", ...range };
}

export type PasswordSettings = Part<typeof passwordSettings>;
