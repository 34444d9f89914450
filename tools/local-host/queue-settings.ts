import type { QueuesJson } from "./host-json.ts";
import { parseTimeSpan } from "./time-span.ts";

/** The queue settings: `extensions.queues` of `host.json`, with Azure's defaults. */
export interface QueueSettings {
  readonly batchSize: number;
  /** A new batch is fetched when at most this many messages are in flight. */
  readonly newBatchThreshold: number;
  readonly maxDequeueCount: number;
  /** How long a message stays invisible after its function failed. */
  readonly visibilityTimeoutSeconds: number;
  readonly maxPollingIntervalMs: number;
  readonly isBase64: boolean;
}

/** Azure's own default is a minute; on a developer's machine, Azure's host also uses two seconds. */
const LOCAL_POLLING_INTERVAL = "00:00:02";

/** Reads the settings. @throws Error if a duration is malformed */
export function readQueueSettings(json: QueuesJson = {}): QueueSettings {
  const batchSize = json.batchSize ?? 16;
  return {
    batchSize,
    newBatchThreshold: json.newBatchThreshold ?? Math.floor(batchSize / 2),
    maxDequeueCount: json.maxDequeueCount ?? 5,
    visibilityTimeoutSeconds: readMs("visibilityTimeout", json.visibilityTimeout ?? "00:00:00") / 1000,
    maxPollingIntervalMs: readMs("maxPollingInterval", json.maxPollingInterval ?? LOCAL_POLLING_INTERVAL),
    isBase64: json.messageEncoding !== "none",
  };
}

function readMs(name: string, text: string): number {
  const duration = parseTimeSpan(text);
  if (duration === undefined) throw new Error(`host.json: extensions.queues.${name} must be a time span like 00:00:30`);
  return duration;
}
