import type { CallContext } from "../../context.ts";
import { describeUserAgent } from "../../devices/user-agent.ts";
import type { OutgoingMail } from "../../mail/message.ts";
import { localeFor } from "../../platform/locale.ts";
import type { SessionOwner } from "../../sessions/found-token.ts";

/**
 * The notice that a stolen refresh token was used, for the transaction that ends its session. Only that transaction
 * finds out, so the mail is not announced: after a crash right behind the commit it waits for the next mail or start.
 * @returns undefined for an account without an address
 */
export function reuseNotice(
  { now, locale }: CallContext,
  { account, userAgent }: SessionOwner,
  mailId: string,
): OutgoingMail | undefined {
  if (account.email === null) return undefined;
  const device = describeUserAgent(userAgent).label ?? "";
  return {
    id: mailId,
    template: "session_reused",
    to: account.email,
    accountId: account.id,
    locale: localeFor(account, locale),
    data: { username: account.username, device, at: now.toISOString() },
  };
}
