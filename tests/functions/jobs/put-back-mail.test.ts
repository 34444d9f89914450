import { describe, expect, test } from "vitest";
import { createTestServices, startService } from "../../support/service.ts";
import { runTimer } from "../../support/jobs.ts";
import { postMail, rowOf } from "../../support/mail-service.ts";
import { startTestQueues } from "../../support/queue-service.ts";

const queues = await startTestQueues();
const { services, clock, database } = await startService({ AzureWebJobsStorage: queues.connection });
const { services: withoutQueue } = await createTestServices({}, database);

async function isSent(id: string): Promise<void> {
  await expect.poll(async () => (await rowOf(services, id)).status).toBe("sent");
}

describe("mails whose messages were lost", () => {
  test("are put back every night", async () => {
    const lost = [await postMail(withoutQueue), await postMail(withoutQueue)];
    clock.advance(180);
    const lines = await runTimer("put-back-mail");
    expect(lines).toMatchObject([{ event: "job.finished", put_back: 2 }]);
    for (const id of lost) await isSent(id);
  });

  test("are put back by an instance that begins to use the database, however new they are", async () => {
    const lost = await postMail(withoutQueue);
    const { services: next } = await createTestServices({ AzureWebJobsStorage: queues.connection }, database);
    await next.database.wake();
    await isSent(lost);
  });

  test("are not looked for by an instance that has not used the database", async () => {
    const lost = await postMail(withoutQueue);
    const { services: next } = await createTestServices({ AzureWebJobsStorage: queues.connection }, database);
    await next.mail.announce([]);
    expect((await rowOf(services, lost)).status).toBe("waiting");
  });
});
