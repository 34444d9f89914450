import type { MailProvider } from "../provider.ts";

/** Sends nothing: `/dev/mailbox` shows what is in the outbox. For development only. */
export function createMailbox(): MailProvider {
  const take = async () => ({ kind: "sent" }) as const;
  return { keepsData: true, send: take, rehearse: take };
}
