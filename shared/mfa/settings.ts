import * as z from "zod";
import { section, type Part } from "../platform/settings/section.ts";

/** Who needs a second factor. */
export const mfaSettings = section({
  title: "Second factors",
  about: "See [second factors](second-factors.md).",
  settings: {
    required: {
      name: "MFA_REQUIRED",
      type: z
        .enum(["off", "all"], {
          error: "must be off or all: admins needs roles, which this release does not have",
        })
        .meta({ values: "`off`, `all`" }),
      default: "off",
      about:
        "Whether everybody needs a second factor to sign in. With `all`, a person without one is led to add it at the next sign-in, and gets no session before. With `off`, it is everybody's own choice.",
    },
  },
  complete: ({ required }) => ({ isRequired: required === "all" }),
});

export type MfaSettings = Part<typeof mfaSettings>;
