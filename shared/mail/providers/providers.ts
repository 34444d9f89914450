import type { Product } from "../../platform/product/settings.ts";
import type { MailProvider } from "../provider.ts";
import type { MailSettings } from "../settings.ts";
import { createAcs } from "./acs.ts";
import { createMailbox } from "./mailbox.ts";
import { createSmtp } from "./smtp.ts";

/** The provider that the settings name. It connects to nothing and loads nothing before the first mail. */
export function createMailProvider({ provider, from }: MailSettings, { logo, supportEmail }: Product): MailProvider {
  const sender = { from, replyTo: supportEmail, logo };
  switch (provider.kind) {
    case "smtp":
      return createSmtp(provider, sender);
    case "acs":
      return createAcs(provider, sender);
    default:
      return createMailbox();
  }
}
