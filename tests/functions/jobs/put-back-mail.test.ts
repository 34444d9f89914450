import { describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { createServices, type Services } from "../../../shared/services.ts";
import { testSettings } from "../../support/settings.ts";
import { whenDone } from "../../support/when-done.ts";
import { startService } from "../../support/service.ts";
import { runTimer } from "../../support/jobs.ts";
import { postMail, rowOf } from "../../support/mail-service.ts";
import { startTestQueues } from "../../support/queue-service.ts";

const queues = await startTestQueues();
const { services, clock, database } = await startService({ AzureWebJobsStorage: queues.connection });
const withoutQueue = instance();

/** Another instance on the same database, at the same time. */
function instance(settings: Record<string, string> = {}): Services {
  const other = createServices(loadConfig({ ...testSettings, ...database, ...settings }), clock);
  whenDone(() => other.close());
  return other;
}

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

  test("are put back by an instance that begins to use the database, if they wait for half a minute", async () => {
    const lost = await postMail(withoutQueue);
    clock.advance(30);
    const fresh = await postMail(withoutQueue);
    const next = instance({ AzureWebJobsStorage: queues.connection });
    next.mail.putBackAtStart(clock);
    await isSent(lost);
    expect((await rowOf(services, fresh)).status).toBe("waiting");
  });

  test("are put back when an instance begins to use the database, without its doing more", async () => {
    const lost = await postMail(withoutQueue);
    clock.advance(30);
    const next = instance({ AzureWebJobsStorage: queues.connection });
    await next.database.wake();
    await isSent(lost);
  });

  test("are not looked for by an instance that has not used the database", async () => {
    const lost = await postMail(withoutQueue);
    const next = instance({ AzureWebJobsStorage: queues.connection });
    await next.mail.announce([]);
    expect((await rowOf(services, lost)).status).toBe("waiting");
  });
});
