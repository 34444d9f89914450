/** The parts of `host.json` that the local host follows. */
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
  /** `hh:mm:ss`: how long a message whose function failed stays invisible. */
  readonly visibilityTimeout?: string;
  readonly messageEncoding?: "base64" | "none";
  /** `hh:mm:ss`: the longest pause between two looks into an empty queue. */
  readonly maxPollingInterval?: string;
}

/** What stands before every route: `api` unless `host.json` says otherwise. */
export function routePrefix(hostJson: HostJson): string {
  return hostJson.extensions?.http?.routePrefix ?? "api";
}
