import { BlobServiceClient, type ContainerClient } from "@azure/storage-blob";
import { findFreePort } from "../../tools/free-port.ts";
import { startEmulator, type Emulator } from "../../tools/local-host/azurite.ts";
import { azuriteConnection } from "../local-host/azurite-connection.ts";
import { whenDone } from "./when-done.ts";

/** A real blob storage with one container, that a test can take away. */
export interface TestBlobs {
  /** Settings that take anchors there. */
  readonly settings: Record<string, string>;
  readonly container: ContainerClient;
  /** The blobs by name. */
  read(): Promise<Record<string, string>>;
  /** Ends it; what was in it is lost. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

/** Starts Azurite's blobs on a port of its own, and ends it when done. */
export async function startTestBlobs(): Promise<TestBlobs> {
  const port = await findFreePort();
  const connection = azuriteConnection(port).replace("QueueEndpoint", "BlobEndpoint");
  const name = "audit-anchors";
  let emulator: Emulator | undefined;
  const stop = async () => {
    await emulator?.stop();
    emulator = undefined;
  };
  const start = async () => {
    emulator = await startEmulator("blob", { hostname: "127.0.0.1", port });
  };
  whenDone(stop);
  await start();
  const service = BlobServiceClient.fromConnectionString(connection, { retryOptions: { maxTries: 1 } });
  const container = service.getContainerClient(name);
  const read = async () => {
    const blobs: Record<string, string> = {};
    for await (const { name: blob } of container.listBlobsFlat())
      blobs[blob] = (await container.getBlobClient(blob).downloadToBuffer()).toString();
    return blobs;
  };
  return { settings: { AUDIT_ANCHORS_CONNECTION_STRING: connection }, container, read, stop, start };
}
