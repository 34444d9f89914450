import * as z from "zod";
import { section, type Part } from "../platform/settings/section.ts";
import { days, onOff } from "../platform/settings/types.ts";

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
        "Whether everybody needs a second factor to sign in. With `all`, a person without one is led to add it at the next sign-in, and gets no session before; sessions that are there go on. With `off`, it is everybody's own choice.",
    },
    rememberSeconds: {
      name: "MFA_REMEMBER_DAYS",
      type: days(0, 90),
      default: "30",
      unit: "days",
      about:
        "For how long a device needs no second factor, if the person asks for that when they show one. With 0, every sign-in takes one. A shorter time counts at once for devices that are remembered.",
    },
    isEmailOn: {
      name: "MFA_EMAIL",
      type: onOff,
      default: "off",
      about:
        "Whether a code by mail may be the second factor: beside an account's others, and with `MFA_REQUIRED=all` for an account that has none. It is the weakest: see [codes by mail](second-factors.md#codes-by-mail).",
    },
  },
  complete: ({ required, ...values }) => ({ ...values, isRequired: required === "all" }),
});

export type MfaSettings = Part<typeof mfaSettings>;
