import * as z from "zod";
import { isGuid } from "../../platform/settings/types.ts";

/** What a message of the queue asks for. */
export interface MailMessage {
  /** The row of the outbox. */
  readonly id: string;
  /**
   * Whether a worker sent it for the next attempt. Then there is no other message that will bring the mail back, and it
   * must not be lost.
   */
  readonly isFollowUp: boolean;
  /** How often it went through the poison queue. */
  readonly rounds: number;
}

/** The text of a message: the id alone, or JSON. */
export function writeMessage({ id, isFollowUp, rounds }: MailMessage): string {
  return isFollowUp || rounds > 0 ? JSON.stringify({ id, follow_up: isFollowUp, rounds }) : id;
}

const id = z.string().refine(isGuid);
const written = z.union([
  id.transform((text) => ({ id: text, follow_up: false, rounds: 0 })),
  z.object({ id, follow_up: z.boolean(), rounds: z.int().min(0) }),
]);

/** @param entry a message as the host gives it, parsed if it is JSON. @returns undefined if it is none of ours */
export function readMessage(entry: unknown): MailMessage | undefined {
  const { data } = written.safeParse(entry);
  return data && { id: data.id.toLowerCase(), isFollowUp: data.follow_up, rounds: data.rounds };
}
