import { describe, expect, test } from "vitest";
import { anchorQueue } from "../../../shared/audit/anchors/anchors.ts";
import { anchorsOf } from "../../support/anchors.ts";
import { chainOf, keepRecords } from "../../support/audit-records.ts";
import { runTimer } from "../../support/jobs.ts";
import { newDevice } from "../../support/people.ts";
import { startTestQueues } from "../../support/queue-service.ts";
import { startService } from "../../support/service.ts";

const queues = await startTestQueues();
const { services, clock, api, logLines } = await startService({ AzureWebJobsStorage: queues.connection });
const queue = queues.service.getQueueClient(anchorQueue);
await queue.createIfNotExists();
const keep = () => keepRecords(services.database.queries, chainOf(2, { from: clock.now() }));
const send = (text: string) => queue.sendMessage(Buffer.from(text).toString("base64"));
const told = () =>
  logLines
    .map((line) => JSON.parse(line) as Record<string, unknown>)
    .filter((line) => line["function"] === "anchor-audit" && line["event"] === "job.finished");

describe("19.3 the anchors of the audit log", () => {
  test("are made when a message of the queue is due", async () => {
    await keep();
    await send(clock.now().toISOString());
    await expect.poll(() => anchorsOf(services)).toHaveLength(1);
    await expect.poll(told).toEqual([expect.objectContaining({ anchors: 1, heads: 1 })]);
    const { json } = await api.get("/health");
    expect(json.data.checks.audit_anchors).toEqual({ status: "not configured", last_at: clock.now().toISOString() });
    clock.advance(361);
    await send(new Date(clock.now().getTime() - 1).toISOString());
    await expect.poll(told).toContainEqual(expect.objectContaining({ anchors: 0 }));
  });

  test("come by a message that a process sends when a sign-in is kept, five minutes later", async () => {
    clock.advance(361);
    const before = (await queue.getProperties()).approximateMessagesCount ?? 0;
    for (let count = 0; count < 3; count += 1) await newDevice(api);
    const sent = async () => ((await queue.getProperties()).approximateMessagesCount ?? 0) - before;
    await expect.poll(sent).toBe(1);
    expect((await queue.peekMessages()).peekedMessageItems, "nobody sees it yet").toEqual([]);
  });

  test.each(["", "nothing that we send", "[]", "42", '{"until":"2026"}'])(
    "are made at the message %j",
    async (text) => {
      const count = told().length;
      clock.advance(361);
      await send(text);
      await expect.poll(() => told().length).toBe(count + 1);
    },
  );

  test("are made by night, two days back", async () => {
    await keep();
    clock.advance(86_400);
    await keep();
    await services.anchors.anchor(clock.now(), { lookBackSeconds: 60 });
    const lines = await runTimer("anchor-audit-nightly");
    expect(lines.at(-1)).toMatchObject({ event: "job.finished", anchors: 1, heads: 1 });
  });
});
