import { setTimeout as sleep } from "node:timers/promises";
import type { DequeuedMessageItem, QueueClient } from "@azure/storage-queue";
import type { RpcTypedData } from "./core-types.ts";
import { describeFailure, oneLine } from "./failure.ts";
import { formatInstant, type Job, type JobHost } from "./job.ts";
import type { PlannedQueue } from "./plan.ts";
import type { QueueSettings } from "./queue-settings.ts";

const SHORTEST_POLLING_INTERVAL_MS = 100;

/** How long a received message stays invisible to others. */
const HANDLING_SECONDS = 600;

export interface QueueOptions extends PlannedQueue {
  readonly settings: QueueSettings;
  readonly host: JobHost;
}

/**
 * Calls the function with each message of its queue. A message is deleted if its call succeeds, becomes visible again
 * if it fails, and moves to `<queue>-poison` if it failed `maxDequeueCount` times or cannot be decoded. A queue that is
 * missing or does not answer is polled again, with growing pauses.
 */
export function startQueue(options: QueueOptions): Job {
  const closing = new AbortController();
  const running = listen(options, closing.signal);
  return {
    close() {
      closing.abort();
      return running;
    },
  };
}

async function listen(options: QueueOptions, closing: AbortSignal): Promise<void> {
  const { queueName, service, settings } = options;
  const queue = service.getQueueClient(queueName);
  const receive = createReceiver(options, queue, closing);
  const inFlight = new Set<Promise<void>>();
  let pauseMs = SHORTEST_POLLING_INTERVAL_MS;
  while (!closing.aborted) {
    const messages = await receive();
    for (const message of messages) {
      const handling = handle(options, queue, message).finally(() => inFlight.delete(handling));
      inFlight.add(handling);
    }
    while (inFlight.size > settings.newBatchThreshold) await Promise.race(inFlight);
    pauseMs = messages.length > 0 ? SHORTEST_POLLING_INTERVAL_MS : Math.min(pauseMs * 2, settings.maxPollingIntervalMs);
    if (messages.length === 0) await sleep(pauseMs, undefined, { signal: closing }).catch(() => undefined);
  }
  await Promise.all(inFlight);
}

/** Returns a function that never rejects: an error gives an empty batch, and is logged if it is the first in a row. */
function createReceiver(
  { queueName, settings, host }: QueueOptions,
  queue: QueueClient,
  abortSignal: AbortSignal,
): () => Promise<readonly DequeuedMessageItem[]> {
  let isAway = false;
  return async () => {
    try {
      const { receivedMessageItems } = await queue.receiveMessages({
        numberOfMessages: settings.batchSize,
        visibilityTimeout: HANDLING_SECONDS,
        abortSignal,
      });
      isAway = false;
      return receivedMessageItems;
    } catch (error) {
      const isMissing = (error as { code?: unknown }).code === "QueueNotFound";
      if (!isMissing && !isAway && !abortSignal.aborted) {
        isAway = true;
        host.log(`The queue "${queueName}" does not answer, trying on: ${oneLine(error)}`);
      }
      return [];
    }
  };
}

async function handle(options: QueueOptions, queue: QueueClient, message: DequeuedMessageItem): Promise<void> {
  const { called, settings, host } = options;
  const { messageId, popReceipt, dequeueCount } = message;
  const text = settings.isBase64 ? decodeBase64(message.messageText) : message.messageText;
  try {
    if (text === undefined || dequeueCount > settings.maxDequeueCount) return await poison(options, queue, message);
    const isHandled = await callWith(options, message, text);
    if (isHandled) await queue.deleteMessage(messageId, popReceipt);
    else if (dequeueCount >= settings.maxDequeueCount) await poison(options, queue, message);
    else await queue.updateMessage(messageId, popReceipt, undefined, settings.visibilityTimeoutSeconds);
  } catch (error) {
    host.log(describeFailure(called.name, error));
  }
}

async function callWith({ called, host }: QueueOptions, message: DequeuedMessageItem, text: string): Promise<boolean> {
  try {
    await host.invoke(called, { data: { string: text }, metadata: triggerMetadata(message, text) });
    return true;
  } catch (error) {
    host.log(describeFailure(called.name, error));
    return false;
  }
}

async function poison(options: QueueOptions, queue: QueueClient, message: DequeuedMessageItem): Promise<void> {
  const { queueName, service, host } = options;
  const poisonQueue = service.getQueueClient(`${queueName}-poison`);
  await poisonQueue.createIfNotExists();
  await poisonQueue.sendMessage(message.messageText, { messageTimeToLive: -1 });
  await queue.deleteMessage(message.messageId, message.popReceipt);
  host.log(`The message ${message.messageId} was moved to the queue "${queueName}-poison".`);
}

/** In .NET's spelling; the library converts the names to camel case. */
function triggerMetadata(message: DequeuedMessageItem, text: string): Record<string, RpcTypedData> {
  const instant = (value: Date): RpcTypedData => ({ json: JSON.stringify(formatInstant(value)) });
  return {
    QueueTrigger: { string: text },
    DequeueCount: { int: message.dequeueCount },
    ExpirationTime: instant(message.expiresOn),
    Id: { string: message.messageId },
    InsertionTime: instant(message.insertedOn),
    NextVisibleTime: instant(message.nextVisibleOn),
    PopReceipt: { string: message.popReceipt },
  };
}

function decodeBase64(text: string): string | undefined {
  const isBase64 = /^(?:[a-z\d+/]{4})*(?:[a-z\d+/]{2}==|[a-z\d+/]{3}=)?$/i.test(text);
  return isBase64 ? Buffer.from(text, "base64").toString() : undefined;
}
