import { section, type Part } from "../platform/settings/section.ts";
import { minutes, whole } from "../platform/settings/types.ts";

/** What wrong passwords lead to. */
export const signInFailureSettings = section({
  title: "Failed sign-ins",
  about:
    "What wrong passwords lead to: see [limits](limits.md#failed-sign-ins). `RATE_LIMITS=off` turns this off, too.",
  settings: {
    free: {
      name: "SIGN_IN_FREE_FAILURES",
      type: whole(1, 20),
      default: "5",
      unit: "failures",
      about:
        "How many wrong passwords in a row one network may try for an address without a delay. After that it waits 1 second, then twice as long each time. A device that has signed in to the account before is counted by itself.",
    },
    longestDelaySeconds: {
      name: "SIGN_IN_LONGEST_DELAY_MINUTES",
      type: minutes(1, 60),
      default: "15",
      unit: "minutes",
      about: "The longest of these delays.",
    },
    perAccount: {
      name: "SIGN_IN_FAILURES_PER_ACCOUNT",
      type: whole(10, 100),
      default: "100",
      unit: "failures",
      about:
        "How many wrong passwords in a row an account takes from unknown devices, whatever their networks. After that its password alone signs in on known devices only, until its owner chooses a new one by mail or signs in at a provider.",
    },
  },
});

export type SignInFailureSettings = Part<typeof signInFailureSettings>;
