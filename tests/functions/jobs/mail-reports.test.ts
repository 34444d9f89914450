import { describe, expect, test } from "vitest";
import { takeDeliveryReports } from "../../../shared/flows/mail/delivery-reports.ts";
import { contextOf } from "../../support/context.ts";
import { startTestQueues } from "../../support/queue-service.ts";
import { startService } from "../../support/service.ts";

const queues = await startTestQueues();
const { services, logLines } = await startService({ AzureWebJobsStorage: queues.connection });

/** As Event Grid delivers it: https://learn.microsoft.com/azure/event-grid/communication-services-email-events */
const event = (recipient: unknown, status: unknown, more: object = {}) => ({
  id: "00000000-0000-0000-0000-000000000000",
  topic: "/subscriptions/s/resourceGroups/g/providers/microsoft.communication/communicationservices/acs",
  subject: "sender/senderid@azure.com/message/00000000-0000-0000-0000-000000000000",
  data: {
    sender: "senderid@azure.com",
    recipient,
    messageId: "00000000-0000-0000-0000-000000000000",
    status,
    deliveryStatusDetails: { statusMessage: "a canary of a message" },
    deliveryAttemptTimeStamp: "2026-11-30T12:00:00.0000000+00:00",
  },
  eventType: "Microsoft.Communication.EmailDeliveryReportReceived",
  dataVersion: "1.0",
  metadataVersion: "1",
  eventTime: "2026-11-30T12:00:01Z",
  ...more,
});
const take = (entry: unknown) => takeDeliveryReports(contextOf(services), entry);
const isStopped = (address: string) => services.suppressions.has(address);

describe("a delivery report", () => {
  test("in the queue stops mail to an address that does not exist, and no address is logged", async () => {
    const queue = queues.service.getQueueClient("mail-reports");
    await queue.createIfNotExists();
    const text = JSON.stringify(event("Gone@Example.com", "Bounced"));
    await queue.sendMessage(Buffer.from(text).toString("base64"));
    await expect.poll(() => isStopped("gone@example.com")).toBe(true);
    await expect.poll(() => logLines.filter((line) => line.includes('"stopped":1'))).toHaveLength(1);
    expect(logLines.join("\n")).not.toMatch(/gone@example\.com|canary/i);
  });

  test.each(["Delivered", "Failed", "FilteredSpam", "Quarantined", "Expanded", "bounced", ""])(
    "that says %j stops nothing",
    async (status) => {
      expect(await take(event("well@example.com", status))).toMatchObject({ reports: 1, stopped: 0 });
      expect(await isStopped("well@example.com")).toBe(false);
    },
  );

  test("as a CloudEvent, and several at once, count as well", async () => {
    const { eventType: type, ...rest } = event("cloud@example.com", "Suppressed");
    const others = [event("one@example.com", "Bounced"), event("one@example.com", "Bounced"), { type: "else" }];
    expect(await take({ ...rest, type, specversion: "1.0" })).toMatchObject({ reports: 1, stopped: 1 });
    expect(await take(others)).toMatchObject({ reports: 2, stopped: 1 });
    expect(await isStopped("cloud@example.com")).toBe(true);
  });

  test("about a domain in its own letters is about the same mailbox", async () => {
    await take(event("Eve@xn--bcher-kva.example", "Bounced"));
    expect(await isStopped("eve@xn--bcher-kva.example")).toBe(true);
  });

  test.each([
    null,
    "text",
    7,
    [],
    {},
    { data: null },
    event(7, "Bounced"),
    event("no address", "Bounced"),
    event("ada@example.com", null),
    event("ada@example.com", "Bounced", { eventType: "Microsoft.Communication.EmailEngagementTrackingReportReceived" }),
  ])("that is none of ours, %j, is done with", async (entry) => {
    expect(await take(entry)).toMatchObject({ stopped: 0 });
    expect(await isStopped("ada@example.com")).toBe(false);
  });
});
