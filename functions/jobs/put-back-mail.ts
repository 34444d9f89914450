import { putBackOverdue } from "../../shared/flows/mail/put-back.ts";
import { timer } from "../../shared/jobs/timer.ts";

/** The most that one night puts back. */
const limit = 2000;

/** Every night: puts mails back into the queue whose messages were lost. */
timer({
  name: "put-back-mail",
  schedule: "0 45 3 * * *",
  run: async ({ context }) => ({ put_back: await putBackOverdue(context, limit) }),
});
