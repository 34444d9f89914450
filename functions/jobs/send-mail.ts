import { putBackOverdue } from "../../shared/flows/mail/put-back.ts";
import { sendMail } from "../../shared/flows/mail/send-mail.ts";
import { queueFunction } from "../../shared/jobs/queue.ts";
import { mailQueue } from "../../shared/mail/mail.ts";
import { readMessage } from "../../shared/mail/delivery/queue-message.ts";

/** Sends the mail that a message of the queue names; then puts some others back whose messages were lost. */
queueFunction({
  name: "send-mail",
  queue: mailQueue,
  async run({ context, entry, isRepeated }) {
    const message = readMessage(entry);
    if (!message) return { outcome: "not a message about a mail" };
    const told = await sendMail(context, { ...message, isRepeated });
    const putBack = context.services.mail.isTimeToPutBack(context.now) ? await putBackOverdue(context, 20) : 0;
    return { ...told, ...(putBack > 0 && { put_back: putBack }) };
  },
});
