import { QueueServiceClient } from "@azure/storage-queue";
import { vi } from "vitest";
import { findFreePort } from "../../tools/free-port.ts";
import { startQueueEmulator, type Emulator } from "../../tools/local-host/azurite.ts";
import { azuriteConnection } from "../local-host/azurite-connection.ts";
import { whenDone } from "./when-done.ts";

/** A real storage queue that a test can take away. */
export interface TestQueues {
  /** The value of `AzureWebJobsStorage`. It is in the environment too, where the host reads it. */
  readonly connection: string;
  readonly service: QueueServiceClient;
  /** Ends it; what was in its queues is lost. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Starts Azurite's queue on a port of its own, and ends it when done. */
export async function startTestQueues(): Promise<TestQueues> {
  const connection = azuriteConnection(await findFreePort());
  vi.stubEnv("AzureWebJobsStorage", connection);
  let emulator: Emulator | undefined;
  const stop = async () => {
    await emulator?.stop();
    emulator = undefined;
  };
  const start = async () => {
    emulator = await startQueueEmulator(connection);
  };
  whenDone(stop);
  await start();
  const service = QueueServiceClient.fromConnectionString(connection, { retryOptions: { maxTries: 1 } });
  return { connection, service, stop, start };
}
