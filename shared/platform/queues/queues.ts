import type { QueueServiceClient } from "@azure/storage-queue";
import { credentialOf } from "../identity.ts";
import type { QueueConnection } from "./connection.ts";

/** The storage queues. */
export interface Queues {
  /** Reads one page of queue names. @throws Error if the queue service is unreachable or exceeds the time limit */
  ping(): Promise<void>;
  /**
   * Puts a message into a queue, which is created if it is missing.
   * @throws Error if the queue service is unreachable or exceeds the time limit
   */
  send(queue: string, text: string, options?: SendOptions): Promise<void>;
}

export interface SendOptions {
  /** How long the message stays invisible; at most 7 days. 0 unless given. */
  readonly delaySeconds?: number;
}

/** @param connection how to reach them; undefined if no storage is configured */
export function createQueues(connection: QueueConnection | undefined): Queues | undefined {
  if (connection === undefined) return undefined;
  let opened: Promise<QueueServiceClient> | undefined;
  const open = () => (opened ??= connect(connection));
  return {
    async ping() {
      const page = (await open()).listQueues({ abortSignal: inTime() }).byPage({ maxPageSize: 1 });
      await page.next();
    },
    async send(name, text, { delaySeconds = 0 } = {}) {
      const queue = (await open()).getQueueClient(name);
      // The host decodes base64.
      const message = Buffer.from(text).toString("base64");
      const send = () => queue.sendMessage(message, { visibilityTimeout: delaySeconds, abortSignal: inTime() });
      try {
        await send();
      } catch (error) {
        if ((error as { code?: unknown }).code !== "QueueNotFound") throw error;
        await queue.createIfNotExists({ abortSignal: inTime() });
        await send();
      }
    },
  };
}

const timeLimitMilliseconds = 2000;
const inTime = () => AbortSignal.timeout(timeLimitMilliseconds);

/** The package is loaded at the first use. */
async function connect(connection: QueueConnection): Promise<QueueServiceClient> {
  const { QueueServiceClient } = await import("@azure/storage-queue");
  const options = { retryOptions: { maxTries: 1 } };
  if (typeof connection === "string") return QueueServiceClient.fromConnectionString(connection, options);
  return new QueueServiceClient(connection.serviceUri, await credentialOf(connection.identity), options);
}
