/** The storage queues, as far as readiness needs them. */
export interface Queues {
  /** Reads one page of queue names. @throws Error if the queue service is unreachable or exceeds the time limit */
  ping(): Promise<void>;
}

/** @param connection the connection string in `AzureWebJobsStorage`; undefined if no storage is configured */
export function createQueues(connection: string | undefined): Queues | undefined {
  if (connection === undefined) return undefined;
  return {
    async ping() {
      const { QueueServiceClient } = await import("@azure/storage-queue");
      const client = QueueServiceClient.fromConnectionString(connection, {
        retryOptions: { maxTries: 1 },
      });
      const page = client
        .listQueues({ abortSignal: AbortSignal.timeout(timeLimitMilliseconds) })
        .byPage({ maxPageSize: 1 });
      await page.next();
    },
  };
}

const timeLimitMilliseconds = 2000;
