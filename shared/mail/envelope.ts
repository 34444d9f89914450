import type { Product } from "../platform/product/settings.ts";
import type { RenderedMail } from "./provider.ts";
import type { MailSettings } from "./settings.ts";

/** Who sends, and where replies go: the same for every mail. */
export interface Sender {
  readonly from: MailSettings["from"];
  readonly replyTo: string | undefined;
  readonly logo: Product["logo"];
}

/**
 * The headers beside subject, sender and recipient: no robot shall answer (RFC 3834, section 5; the second is
 * Exchange's). Security mail has no List-Unsubscribe.
 */
export const headers = { "Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All" } as const;

/** The Message-ID (RFC 5322, section 3.6.4): the same in each attempt, so that a mail that came twice shows once. */
export function messageIdOf({ id }: RenderedMail, { from }: Sender): string {
  return `<${id}@${from.address.slice(from.address.lastIndexOf("@") + 1)}>`;
}
