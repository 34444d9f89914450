import { beforeEach, expect, test } from "vitest";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { startService } from "../../support/service.ts";
import { postMail } from "../../support/mail-service.ts";

// A queue that nobody reads: what is posted waits.
const connection = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;QueueEndpoint=http://127.0.0.1:9/a;";
const { api, services, clock } = await startService({ AzureWebJobsStorage: connection, MAIL_PER_MINUTE: "2" });
const { outbox, mailQuota } = services;

/** What `/health` says of mail. Its answers are shared for a second, so this waits for one of its own. */
async function mailNow(): Promise<{ readonly status: string; readonly mail: unknown }> {
  const { checkReadiness } = services;
  let before = await checkReadiness();
  await expect.poll(async () => (await checkReadiness()) === before).toBe(false);
  before = await checkReadiness();
  const { json } = await api.get("/health");
  expect(json.data.checks.mail).toEqual(before.mail);
  return { status: json.data.status, mail: json.data.checks.mail };
}

const none = { status: "up", waiting: 0, dead: 0, held_back_until: null };

beforeEach(async () => {
  clock.advance(30 * 86_400);
  await services.mailbox.clear();
});

async function claimed(id: string) {
  const claim = { id, claimId: newId(clock.now()) };
  await outbox.claim(claim, clock.now(), addSeconds(clock.now(), 120));
  return claim;
}

test("/health says how many mails wait, and that all is well with them", async () => {
  await postMail(services);
  await postMail(services, null);
  expect((await mailNow()).mail).toEqual({ ...none, waiting: 2 });
});

test("/health says that mails are tried again, and counts those that were given up", async () => {
  const [again, dead, sent] = [await postMail(services), await postMail(services), await postMail(services)];
  await outbox.retry(await claimed(again), { dueAt: addSeconds(clock.now(), 60), failure: "451" });
  await outbox.end(await claimed(dead), { status: "dead", failure: "550" });
  await outbox.markSent(sent, { now: clock.now(), keepsData: false });
  expect((await mailNow()).mail).toEqual({ ...none, status: "retrying", waiting: 1, dead: 1 });
});

test("/health is degraded if mail should have been sent long ago", async () => {
  await postMail(services);
  clock.advance(601);
  expect(await mailNow()).toEqual({ status: "degraded", mail: { ...none, status: "overdue", waiting: 1 } });
});

test("/health says until when the quota holds mail back, without an address", async () => {
  await postMail(services, "ada@example.com");
  await mailQuota.take(clock.now(), "asked");
  const until = addSeconds(clock.now(), 60).toISOString();
  const { mail } = await mailNow();
  expect(mail).toEqual({ ...none, status: "held back by quota", waiting: 1, held_back_until: until });
});
