import type { Runtime } from "../platform/runtime/settings.ts";
import { section, type Part } from "../platform/settings/section.ts";
import { oneOf } from "../platform/settings/types.ts";

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
  },
  complete: ({ emailVerification }, { runtime }: { readonly runtime: Runtime }) => ({
    isVerificationRequired: (emailVerification ?? (runtime.isDevelopment ? "optional" : "required")) === "required",
  }),
});

export type AccountSettings = Part<typeof accountSettings>;
