import { section, type Part } from "../platform/settings/section.ts";
import { minutes } from "../platform/settings/types.ts";

/** The links and codes that mails carry. */
export const oneTimeTokenSettings = section({
  title: "Links and codes in mails",
  settings: {
    lifetimeSeconds: {
      name: "ONE_TIME_TOKEN_MINUTES",
      type: minutes(5, 1440),
      default: "30",
      unit: "minutes",
      about:
        "How long the link and the code in a mail are valid. A link that undoes a change of the address is valid for 7 days.",
    },
  },
});

export type OneTimeTokenSettings = Part<typeof oneTimeTokenSettings>;
