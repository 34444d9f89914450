import type { Runtime } from "../platform/runtime/settings.ts";
import { section, type Part } from "../platform/settings/section.ts";
import { days, oneOf } from "../platform/settings/types.ts";

/** How people become account holders. */
export const accountSettings = section({
  title: "Accounts",
  settings: {
    emailVerification: {
      name: "EMAIL_VERIFICATION",
      type: oneOf("required", "optional"),
      defaultText: "`optional` in development, otherwise `required`",
      about:
        "Whether a person must prove the address before signing in with a password. If `required`, registering answers alike for new and for known addresses ([why](decisions/0056-unproven-addresses.md)).",
    },
    deletionGraceSeconds: {
      name: "ACCOUNT_DELETION_GRACE_DAYS",
      type: days(0, 365),
      default: "30",
      unit: "days",
      about:
        "How long its owner can restore a deleted account. The nightly timer then erases it, but never while a link could still undo a change of its address, or while an access token of it is valid.",
    },
  },
  complete: ({ emailVerification, ...values }, { runtime }: { readonly runtime: Runtime }) => ({
    ...values,
    isVerificationRequired: (emailVerification ?? (runtime.isDevelopment ? "optional" : "required")) === "required",
  }),
});

export type AccountSettings = Part<typeof accountSettings>;
