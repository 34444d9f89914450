import { setTimeout as sleep } from "node:timers/promises";
import { app, type InvocationContext } from "@azure/functions";
import { QueueServiceClient, type QueueClient } from "@azure/storage-queue";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { localQueueEndpoint, startQueueEmulator, type Emulator } from "../../tools/local-host/azurite.ts";
import type { QueuesJson } from "../../tools/local-host/host-json.ts";
import { azuriteConnection } from "./azurite-connection.ts";
import { findFreePort } from "../../tools/free-port.ts";
import { startHost, type TestHost } from "./start-host.ts";

let emulator: Emulator | undefined;
let connection: string;
let service: QueueServiceClient;
let count = 0;

beforeAll(async () => {
  connection = azuriteConnection(await findFreePort());
  emulator = await startQueueEmulator(connection);
  service = QueueServiceClient.fromConnectionString(connection);
});

afterAll(() => emulator?.stop());

const isEmpty = async (queue: QueueClient) => {
  const { approximateMessagesCount } = await queue.getProperties();
  expect(approximateMessagesCount).toBe(0);
};

const peek = async (queue: QueueClient) => {
  const { peekedMessageItems } = await queue.peekMessages();
  return peekedMessageItems.map(({ messageText }) => messageText);
};

const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("a queue function on the local host", () => {
  test.each([
    ["text", "text"],
    ['{"Id":7,"list":[null]}', { Id: 7, list: [null] }],
    ["42", 42],
    ["", ""],
    ["{broken", "{broken"],
  ])("is called with the message %j as %j, which is then deleted", async (text, value) => {
    const entries: unknown[] = [];
    const { queue } = await listen((entry) => void entries.push(entry));
    await queue.sendMessage(text);
    await vi.waitFor(() => expect(entries).toEqual([value]));
    await vi.waitFor(() => isEmpty(queue));
  });

  test("receives the message's metadata as Azure's worker gives it", async () => {
    const seen: unknown[] = [];
    const { queue } = await listen((_, { triggerMetadata }) => void seen.push(triggerMetadata));
    const { messageId } = await queue.sendMessage('{"a":1}');
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    expect(seen[0]).toEqual({
      queueTrigger: { a: 1 },
      dequeueCount: 1,
      expirationTime: instant,
      id: messageId,
      insertionTime: instant,
      nextVisibleTime: instant,
      popReceipt: expect.any(String),
    });
  });

  test("that fails gets the message again, and after maxDequeueCount it is in the poison queue", async () => {
    const dequeueCounts: unknown[] = [];
    const { host, queue, poison } = await listen(
      (_, { triggerMetadata }) => {
        dequeueCounts.push(triggerMetadata?.["dequeueCount"]);
        throw new Error("unwilling");
      },
      { maxDequeueCount: 3 },
    );
    const { messageId } = await queue.sendMessage("bad");
    await vi.waitFor(async () => expect(await peek(poison)).toEqual(["bad"]), 5000);
    await vi.waitFor(() => isEmpty(queue), 5000);
    expect(dequeueCounts).toEqual([1, 2, 3]);
    await vi.waitFor(() => expect(host.lines).toHaveLength(4), 5000);
    expect(host.lines.slice(0, 3)).toEqual(Array(3).fill(expect.stringContaining("failed: unwilling")));
    expect(host.lines[3]).toBe(`The message ${messageId} was moved to the queue "${queue.name}-poison".`);
  });

  test("that fails five times by default before the message is poison", async () => {
    const handler = vi.fn<() => Promise<void>>(() => Promise.reject(new Error("unwilling")));
    const { queue, poison } = await listen(handler);
    await queue.sendMessage("bad");
    await vi.waitFor(async () => expect(await peek(poison)).toEqual(["bad"]), 5000);
    expect(handler).toHaveBeenCalledTimes(5);
  });

  test("that fails once gets the message again only after the visibility timeout, and then deletes it", async () => {
    const times: number[] = [];
    const { queue } = await listen(
      () => {
        times.push(performance.now());
        if (times.length === 1) throw new Error("not yet");
      },
      { visibilityTimeout: "00:00:01" },
    );
    await queue.sendMessage("later");
    await vi.waitFor(() => expect(times).toHaveLength(2), 5000);
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(900);
    await vi.waitFor(() => isEmpty(queue));
  });

  test("with base64, the default, is called with the decoded text; what is none goes to the poison queue", async () => {
    const entries: unknown[] = [];
    const { queue, poison } = await listen((entry) => void entries.push(entry), { messageEncoding: "base64" });
    await queue.sendMessage(base64('{"ü":1}'));
    await queue.sendMessage("not base64");
    await vi.waitFor(async () => expect(await peek(poison)).toEqual(["not base64"]), 5000);
    await vi.waitFor(() => isEmpty(queue));
    expect(entries).toEqual([{ ü: 1 }]);
  });

  test("has no more calls at once than a batch and the threshold of the next", async () => {
    let running = 0;
    let most = 0;
    let done = 0;
    const { queue } = await listen(
      async () => {
        most = Math.max(most, ++running);
        await sleep(20);
        running--;
        done++;
      },
      { batchSize: 2, newBatchThreshold: 1 },
    );
    await Promise.all(Array.from({ length: 12 }, (_, index) => queue.sendMessage(`${index}`)));
    await vi.waitFor(() => expect(done).toBe(12), 5000);
    expect(most).toBeLessThanOrEqual(3);
    expect(most).toBeGreaterThan(1);
  });

  test("has the call in flight awaited when the host closes, and is not called afterwards", async () => {
    let end: (() => void) | undefined;
    const handler = vi.fn<() => Promise<void>>(() => new Promise((resolve) => (end = resolve)));
    const { host, queue } = await listen(handler);
    await queue.sendMessage("one");
    await vi.waitFor(() => expect(end).toBeDefined());
    const closing = host.close();
    await queue.sendMessage("two");
    end?.();
    await closing;
    expect(await peek(queue)).toEqual(["two"]);
    expect(handler).toHaveBeenCalledTimes(1);
  });

  test("whose queue is missing waits for it without a word", async () => {
    const entries: unknown[] = [];
    const { host, queue } = await listen((entry) => void entries.push(entry));
    await queue.delete();
    await sleep(300);
    await queue.create();
    await queue.sendMessage("at last");
    await vi.waitFor(() => expect(entries).toEqual(["at last"]), 5000);
    expect(host.lines).toEqual([]);
  });

  test("whose queue service is away says so once, and listens when it is there", async () => {
    const late = azuriteConnection(await findFreePort());
    const entries: unknown[] = [];
    const host = await startHost(
      () =>
        app.storageQueue("late", { queueName: "late", connection: "", handler: (entry) => void entries.push(entry) }),
      { hostJson: { extensions: { queues: { maxPollingInterval: "00:00:00.1" } } }, queueConnection: late },
    );
    await vi.waitFor(() => expect(host.lines).toEqual([expect.stringContaining('The queue "late" does not answer')]));
    await sleep(300);
    const lateEmulator = await startQueueEmulator(late);
    const queue = QueueServiceClient.fromConnectionString(late).getQueueClient("late");
    await queue.create();
    await queue.sendMessage(base64("hello"));
    await vi.waitFor(() => expect(entries).toEqual(["hello"]), 5000);
    expect(host.lines).toHaveLength(1);
    await host.close();
    await lateEmulator?.stop();
  });
});

describe("the queue emulator", () => {
  test("is not started where one answers already", async () => {
    expect(await startQueueEmulator(connection)).toBeUndefined();
  });

  test.each([
    ["UseDevelopmentStorage=true", { hostname: "127.0.0.1", port: 10_001 }],
    ["usedevelopmentstorage=true;", { hostname: "127.0.0.1", port: 10_001 }],
    [azuriteConnection(7), { hostname: "127.0.0.1", port: 7 }],
    ["AccountName=a;QueueEndpoint=http://localhost:8/a", { hostname: "localhost", port: 8 }],
    ["AccountName=a;AccountKey=b;EndpointSuffix=core.windows.net", undefined],
    ["QueueEndpoint=http://127.0.0.1.example:8/a", undefined],
    ["QueueEndpoint=https://a.queue.core.windows.net/", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("for the connection %j stands for %j", (text, endpoint) => {
    expect(localQueueEndpoint(text)).toEqual(endpoint);
  });
});

interface Listening {
  readonly host: TestHost;
  readonly queue: QueueClient;
  readonly poison: QueueClient;
}

/** Makes a queue, and a host with a function that listens to it. */
async function listen(
  handler: (entry: unknown, context: InvocationContext) => void | Promise<void>,
  queues: QueuesJson = {},
): Promise<Listening> {
  const queueName = `queue-${++count}`;
  const queue = service.getQueueClient(queueName);
  await queue.create();
  const host = await startHost(() => app.storageQueue(queueName, { queueName, connection: "", handler }), {
    hostJson: { extensions: { queues: { messageEncoding: "none", maxPollingInterval: "00:00:00.1", ...queues } } },
    queueConnection: connection,
  });
  return { host, queue, poison: service.getQueueClient(`${queueName}-poison`) };
}
