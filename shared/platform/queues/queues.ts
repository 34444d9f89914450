/** The storage queues, as far as readiness asks. */
export interface Queues {
  /** Asks the queue service for one page. @throws Error when it is away, or does not answer within the time limit */
  ping(): Promise<void>;
}

const timeLimitMilliseconds = 2000;

/** @param connection the connection string of `AzureWebJobsStorage`; undefined where no storage is configured */
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
