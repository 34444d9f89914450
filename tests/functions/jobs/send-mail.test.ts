import { describe, expect, test } from "vitest";
import { writeMessage } from "../../../shared/mail/delivery/queue-message.ts";
import { postMail, rowOf } from "../../support/mail-service.ts";
import { startTestQueues } from "../../support/queue-service.ts";
import { createTestServices, startService } from "../../support/service.ts";

const queues = await startTestQueues();
const { services, api, clock, database, logLines } = await startService({ AzureWebJobsStorage: queues.connection });

const statusOf = async (id: string) => (await rowOf(services, id)).status;
async function isSent(id: string): Promise<void> {
  await expect.poll(() => statusOf(id)).toBe("sent");
}
const linesAbout = (id: string) =>
  logLines.filter((line) => line.includes(id)).map((line) => JSON.parse(line) as Record<string, unknown>);

describe("a mail that a call has posted", () => {
  test("is sent by the queue function, and can be read in the mailbox of development", async () => {
    const id = await postMail(services);
    await isSent(id);
    const { json } = await api.get("/dev/mailbox", { headers: { accept: "application/json" } });
    expect(json.data.messages).toContainEqual(expect.objectContaining({ id, to: "ada@example.com", status: "sent" }));
    // A service that begins to use its database looks for mails that wait, and may find this one, too.
    const told = () => linesAbout(id).filter(({ outcome }) => outcome === "sent");
    await expect.poll(told).toHaveLength(1);
    expect(told()[0]).toMatchObject({
      event: "job.finished",
      function: "send-mail",
      template: "reset_password",
      outcome: "sent",
      attempt: 1,
    });
    expect(logLines.join("\n")).not.toMatch(/ada@example\.com|a-canary-token/);
  });

  test("while the queue is away, is sent once it is back, and the call did not wait for it", async () => {
    await queues.stop();
    const first = await postMail(services);
    const startedAt = performance.now();
    const second = await postMail(services);
    const milliseconds = performance.now() - startedAt;
    await queues.start();
    await isSent(first);
    await isSent(second);
    expect(milliseconds, "known to be away, the queue is not asked").toBeLessThan(1500);
  });

  test("is found by anybody's next mail, if its message was lost", async () => {
    const { services: withoutQueue } = await createTestServices({}, database);
    const lost = await postMail(withoutQueue);
    clock.advance(180);
    await isSent(await postMail(services));
    await isSent(lost);
  });
});

test("a message that names no mail is done with", async () => {
  const queue = queues.service.getQueueClient("mail");
  await queue.createIfNotExists();
  const send = (text: string) => queue.sendMessage(Buffer.from(text).toString("base64"));
  for (const text of ["", "not an id", "[]", '{"id":7}', writeMessage({ id: "x", isFollowUp: true, rounds: 0 })])
    await send(text);
  await expect.poll(() => logLines.filter((line) => line.includes("not a message about a mail"))).toHaveLength(5);
});
