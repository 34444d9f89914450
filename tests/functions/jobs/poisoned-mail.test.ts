import { describe, expect, test } from "vitest";
import { putBackPoisoned } from "../../../shared/flows/mail/poisoned-mail.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { contextOf } from "../../support/context.ts";
import { postMail, rowOf } from "../../support/mail-service.ts";
import { startTestQueues } from "../../support/queue-service.ts";
import { startService } from "../../support/service.ts";

const queues = await startTestQueues();
const { services, logLines } = await startService({ AzureWebJobsStorage: queues.connection });

const send = async (queue: string, text: string) => {
  const client = queues.service.getQueueClient(queue);
  await client.createIfNotExists();
  await client.sendMessage(Buffer.from(text).toString("base64"));
};
const linesAbout = (text: string) => logLines.filter((line) => line.includes(text));

describe("a message that failed five times", () => {
  test("goes back to its queue, to be seen in a quarter of an hour", async () => {
    const id = newId(services.clock.now());
    await send("mail-poison", id);
    await expect.poll(() => linesAbout(id)).toHaveLength(1);
    expect(JSON.parse(linesAbout(id)[0] ?? "")).toMatchObject({ outcome: "put back", seconds: 900, round: 1 });
    const { approximateMessagesCount } = await queues.service.getQueueClient("mail").getProperties();
    expect(approximateMessagesCount).toBe(1);
  });

  test("brings its mail, when it comes back from there", async () => {
    const id = await postMail(services);
    await send("mail", JSON.stringify({ id, follow_up: true, rounds: 3 }));
    await expect.poll(async () => (await rowOf(services, id)).status).toBe("sent");
  });

  test("is put back later each time, and after a day given up, in the log", async () => {
    const id = newId(services.clock.now());
    const given: [number, number][] = [];
    const followUp = async ({ rounds }: { rounds: number }, seconds: number) => void given.push([rounds, seconds / 60]);
    const context = contextOf({ ...services, mail: { ...services.mail, followUp } });
    for (let rounds = 0; rounds <= 8; rounds += 1) await putBackPoisoned(context, { id, isFollowUp: true, rounds });
    expect(given.map(([rounds]) => rounds)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(given.map(([, minutes]) => minutes)).toEqual([15, 30, 60, 120, 240, 360, 360, 360]);
  });
});

test("a poisoned message that names no mail is done with", async () => {
  await send("mail-poison", "from elsewhere");
  await expect.poll(() => linesAbout("not a message about a mail")).toHaveLength(1);
});
