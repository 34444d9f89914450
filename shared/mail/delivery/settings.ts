import { section } from "../../platform/settings/section.ts";
import { days, whole } from "../../platform/settings/types.ts";
import type { Quota } from "./quota.ts";
import type { MailSettings } from "../settings.ts";

/** What Communication Services takes until more is asked for: the quota that Azure gives a domain. */
const acsQuota: Quota = { perMinute: 30, perHour: 100 };

/** How fast mail is sent, and how long it is kept. */
export const mailDeliverySettings = section({
  title: "Delivery of mail",
  settings: {
    perMinute: {
      name: "MAIL_PER_MINUTE",
      type: whole(1, 1_000_000),
      defaultText: "30 with `MAIL_PROVIDER=acs`, otherwise no limit",
      about:
        "The most mails a minute that the provider takes; half of them are for notices about accounts, half for mails that anybody can ask for. The others wait for their turn.",
    },
    perHour: {
      name: "MAIL_PER_HOUR",
      type: whole(1, 1_000_000),
      defaultText: "100 with `MAIL_PROVIDER=acs`, otherwise no limit",
      about:
        "The most mails an hour that the provider takes; half of them are for notices about accounts, half for mails that anybody can ask for. The others wait for their turn.",
    },
    keptSeconds: {
      name: "MAIL_KEEP_DAYS",
      type: days(2, 365),
      default: "14",
      unit: "days",
      about:
        "How long the outbox remembers a mail that does not wait any more. What a mail says is removed once it is sent; with a mail that could not be sent it is kept as long, so that it can be sent after all.",
    },
  },
  rules: ({ perMinute, perHour }) => [
    [
      perMinute !== undefined && perHour !== undefined && perHour < perMinute,
      "MAIL_PER_HOUR",
      "must not be less than MAIL_PER_MINUTE",
    ],
  ],
  complete: ({ perMinute, perHour, keptSeconds }, { mail }: { readonly mail: MailSettings }) => {
    const usual = mail.provider.kind === "acs" ? acsQuota : { perMinute: undefined, perHour: undefined };
    const quota: Quota = { perMinute: perMinute ?? usual.perMinute, perHour: perHour ?? usual.perHour };
    return Object.freeze({ quota: Object.freeze(quota), keptSeconds });
  },
});
