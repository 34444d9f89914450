import type { MailProvider } from "../provider.ts";

/** Sends nothing: `/dev/mailbox` shows what is in the outbox. For development only. */
export function createMailbox(): MailProvider {
  return { keepsData: true, send: () => Promise.resolve({ kind: "sent" }) };
}
