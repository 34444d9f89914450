import type { ContainerClient } from "@azure/storage-blob";
import { credentialOf } from "../identity.ts";
import type { BlobContainerConnection } from "./connection.ts";

/** A container of blobs that are written once. */
export interface BlobContainer {
  /** Whether a blob is there. @throws Error if the storage is unreachable, refuses, or exceeds the time limit */
  has(name: string): Promise<boolean>;
  /** Whether a blob is there and has exactly this text. @throws Error as `has` */
  holds(name: string, text: string): Promise<boolean>;
  /**
   * Writes a blob unless one of this name is there, which stays as it is, whatever it has.
   * @returns whether it was written
   * @throws Error if the storage is unreachable, refuses, or exceeds the time limit
   */
  putNew(name: string, text: string, contentType: string): Promise<boolean>;
}

/**
 * A container of a storage account. One that a connection string names is made if it is missing; one that has an address is
 * not: a misspelt address must not lead to a container that nothing protects.
 */
export function createBlobContainer(connection: BlobContainerConnection): BlobContainer {
  let opened: Promise<ContainerClient> | undefined;
  const open = async () => {
    opened ??= connect(connection);
    // A credential that could not be had is asked for again.
    opened.catch(() => (opened = undefined));
    return opened;
  };
  const createIfMissing = async (client: ContainerClient, error: unknown) => {
    if (codeOf(error) !== "ContainerNotFound" || "url" in connection) throw error;
    await client.createIfNotExists({ abortSignal: inTime() });
  };
  return {
    async has(name) {
      const client = await open();
      return client.getBlockBlobClient(name).exists({ abortSignal: inTime() });
    },
    async holds(name, text) {
      const blob = (await open()).getBlockBlobClient(name);
      const bytes = Buffer.from(text);
      try {
        const { contentLength } = await blob.getProperties({ abortSignal: inTime() });
        // Whatever is there, no more than this is read.
        if (contentLength !== bytes.length) return false;
        return bytes.equals(await blob.downloadToBuffer(0, bytes.length, { abortSignal: inTime() }));
      } catch (error) {
        if ((error as { statusCode?: unknown }).statusCode === 404) return false;
        throw error;
      }
    },
    async putNew(name, text, contentType) {
      const client = await open();
      const put = () =>
        client.getBlockBlobClient(name).upload(text, Buffer.byteLength(text), {
          abortSignal: inTime(),
          blobHTTPHeaders: { blobContentType: contentType },
          conditions: { ifNoneMatch: "*" },
        });
      try {
        await put().catch((error: unknown) => createIfMissing(client, error).then(put));
        return true;
      } catch (error) {
        if (!isThere(error)) throw error;
        return false;
      }
    },
  };
}

const timeLimitMilliseconds = 5000;
const inTime = () => AbortSignal.timeout(timeLimitMilliseconds);

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;

/** What storage answers if the blob exists: by our condition, or because a policy protects it. */
const isThere = (error: unknown): boolean =>
  ["BlobAlreadyExists", "BlobImmutableDueToPolicy"].includes(String(codeOf(error)));

/** The package is loaded at the first use. */
async function connect(connection: BlobContainerConnection): Promise<ContainerClient> {
  const { BlobServiceClient, ContainerClient: Client } = await import("@azure/storage-blob");
  const options = { retryOptions: { maxTries: 1 } };
  return "url" in connection
    ? new Client(connection.url, await credentialOf(connection.identity), options)
    : BlobServiceClient.fromConnectionString(connection.connectionString, options).getContainerClient(connection.name);
}
