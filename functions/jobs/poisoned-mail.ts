import { putBackPoisoned } from "../../shared/flows/mail/poisoned-mail.ts";
import { queueFunction } from "../../shared/jobs/queue.ts";
import { mailQueue } from "../../shared/mail/mail.ts";
import { readMessage } from "../../shared/mail/delivery/queue-message.ts";

/** Puts the messages back later that `send-mail` failed on five times. */
queueFunction({
  name: "poisoned-mail",
  queue: `${mailQueue}-poison`,
  // It is mostly the database's absence that brings messages here.
  usesDatabase: false,
  async run({ context, entry }) {
    const message = readMessage(entry);
    return message ? putBackPoisoned(context, message) : { outcome: "not a message about a mail" };
  },
});
