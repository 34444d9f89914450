// A file of its own: the storage library keeps a token, and this changes whom the process trusts.
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import tls from "node:tls";
import { describe, expect, test, vi } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { createQueues } from "../../../shared/platform/queues/queues.ts";
import { selfSigned } from "../../../tools/self-signed.ts";
import { testSettings } from "../../support/settings.ts";
import { whenDone } from "../../support/when-done.ts";

const clientId = "11111111-0000-4000-8000-000000000001";

describe("queues with a managed identity", () => {
  test("get messages with its token, and the host's settings say whose it is", async () => {
    const asked = await startIdentity();
    const { url, calls } = await startQueueService();
    const { queues } = loadConfig({
      ...testSettings,
      IDENTITY_ENDPOINT: process.env["IDENTITY_ENDPOINT"],
      ENVIRONMENT: "development",
      AZURE_CLIENT_ID: "22222222-0000-4000-8000-000000000002",
      // On this machine the path names the account.
      AzureWebJobsStorage__queueServiceUri: `${url}/account`,
      AzureWebJobsStorage__credential: "managedidentity",
      AzureWebJobsStorage__clientId: clientId,
    });
    await createQueues(queues.connection)?.send("mail", "an id", { delaySeconds: 60 });
    expect(calls).toEqual([
      {
        call: "POST /account/mail/messages?visibilitytimeout=60&timeout=30",
        authorization: "Bearer a-token",
        body: expect.stringContaining(`<MessageText>${Buffer.from("an id").toString("base64")}</MessageText>`),
      },
    ]);
    const query = new URL(asked[0] ?? "", "http://localhost").searchParams;
    expect([query.get("resource"), query.get("client_id")]).toEqual(["https://storage.azure.com", clientId]);
  });

  const read = (settings: Record<string, string>) => loadConfig({ ...testSettings, ...settings });
  const uri = { AzureWebJobsStorage__queueServiceUri: "https://name.queue.core.windows.net" };

  test("take the service's own identity unless another is named, and none without an address", () => {
    const { queues } = read({ ...uri, AZURE_CLIENT_ID: clientId });
    expect(queues.connection).toMatchObject({ identity: { clientId } });
    expect(read({}).queues.connection).toBeUndefined();
  });

  test.each([
    [
      { AzureWebJobsStorage__queueServiceUri: "http://name.queue.core.windows.net" },
      "queueServiceUri may be plain http",
    ],
    [{ ...uri, AzureWebJobsStorage__clientId: clientId }, "credential is required with AzureWebJobsStorage__clientId"],
    [{ ...uri, AzureWebJobsStorage__credential: "key" }, "credential must be managedidentity or workloadidentity"],
  ])("are refused with %j: %s", (settings, rule) => {
    expect(() => read(settings as Record<string, string>)).toThrow(rule);
  });

  test("are of no effect beside a connection string, which is told", () => {
    const { queues, warnings } = read({ ...uri, AzureWebJobsStorage: "UseDevelopmentStorage=true" });
    expect(queues.connection).toBe("UseDevelopmentStorage=true");
    expect(warnings).toContain("AzureWebJobsStorage__queueServiceUri does nothing beside AzureWebJobsStorage");
  });
});

/** The platform's identity endpoint. @returns what it was asked */
async function startIdentity(): Promise<string[]> {
  const asked: string[] = [];
  const server = http.createServer((request, response) => {
    asked.push(String(request.url));
    const expiresOn = String(Math.floor(Date.now() / 1000) + 86_400);
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ access_token: "a-token", expires_on: expiresOn, token_type: "Bearer" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  whenDone(() => void server.close());
  vi.stubEnv("IDENTITY_ENDPOINT", `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`);
  vi.stubEnv("IDENTITY_HEADER", "header");
  return asked;
}

interface Call {
  readonly call: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** A queue service that takes every message. */
async function startQueueService() {
  const own = selfSigned();
  tls.setDefaultCACertificates([...tls.getCACertificates(), own.cert]);
  const calls: Call[] = [];
  const server = https.createServer(own, async (request, response) => {
    const { authorization } = request.headers;
    calls.push({ call: `${request.method} ${request.url}`, authorization, body: await text(request) });
    const instant = new Date().toUTCString();
    const times = ["InsertionTime", "ExpirationTime", "TimeNextVisible"].map((name) => `<${name}>${instant}</${name}>`);
    const message = `<MessageId>1</MessageId><PopReceipt>r</PopReceipt>${times.join("")}`;
    response.writeHead(201, { "Content-Type": "application/xml" });
    response.end(`<QueueMessagesList><QueueMessage>${message}</QueueMessage></QueueMessagesList>`);
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  whenDone(() => void server.close());
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, calls };
}
