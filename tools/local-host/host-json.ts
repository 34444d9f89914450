/** The parts of `host.json` that the local host uses. */
export interface HostJson {
  readonly extensions?: {
    readonly http?: { readonly routePrefix?: string };
    readonly queues?: QueuesJson;
  };
}

export interface QueuesJson {
  readonly batchSize?: number;
  readonly newBatchThreshold?: number;
  readonly maxDequeueCount?: number;
  /** `hh:mm:ss`: how long a message stays invisible after its function failed. */
  readonly visibilityTimeout?: string;
  readonly messageEncoding?: "base64" | "none";
  /** `hh:mm:ss`: the longest pause between polls of an empty queue. */
  readonly maxPollingInterval?: string;
}

/** The prefix of every route: `api` unless `host.json` says otherwise. */
export function routePrefix(hostJson: HostJson): string {
  return hostJson.extensions?.http?.routePrefix ?? "api";
}
