// A file of its own: the storage library keeps a token, and this changes whom the process trusts.
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import tls from "node:tls";
import { expect, test, vi } from "vitest";
import { createBlobContainer } from "../../../shared/platform/blobs/container.ts";
import { selfSigned } from "../../../tools/self-signed.ts";
import { whenDone } from "../../support/when-done.ts";

const clientId = "11111111-0000-4000-8000-000000000001";

test("19.3 a blob is written with the identity's token, under the condition that none is there", async () => {
  await startIdentity();
  const { url, calls, answer } = await startBlobService();
  const container = createBlobContainer({ url: `${url}/account/anchors`, identity: { clientId, isInAzure: true } });
  await container.putNew("0000000001.jws", "a.b.c", "application/jose");
  expect(calls).toEqual([
    {
      call: "PUT /account/anchors/0000000001.jws",
      authorization: "Bearer a-token",
      condition: "*",
      type: "BlockBlob",
      body: "a.b.c",
    },
  ]);
  expect(await container.has("0000000001.jws")).toBe(true);
  // Azure's own words for a blob that is there, by the condition or by a policy.
  for (const code of ["BlobAlreadyExists", "BlobImmutableDueToPolicy"]) {
    answer.status = 409;
    answer.code = code;
    await container.putNew("0000000001.jws", "other", "application/jose");
  }
  // Neither a container that is missing, nor a refusal, is taken for one.
  for (const [status, code] of [
    [404, "ContainerNotFound"],
    [403, "AuthorizationPermissionMismatch"],
    [409, "ContainerBeingDeleted"],
    [412, "LeaseIdMissing"],
  ] as const) {
    Object.assign(answer, { status, code });
    await expect(container.putNew("0000000002.jws", "a", "application/jose"), code).rejects.toMatchObject({ code });
  }
  expect(
    calls.filter(({ call }) => String(call).includes("restype=container")),
    "no container is made",
  ).toEqual([]);
});

/** The platform's identity endpoint. */
async function startIdentity(): Promise<void> {
  const server = http.createServer((_request, response) => {
    const expiresOn = String(Math.floor(Date.now() / 1000) + 86_400);
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ access_token: "a-token", expires_on: expiresOn, token_type: "Bearer" }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  whenDone(() => void server.close());
  vi.stubEnv("IDENTITY_ENDPOINT", `http://127.0.0.1:${(server.address() as AddressInfo).port}/msi/token`);
  vi.stubEnv("IDENTITY_HEADER", "header");
}

/** A blob service that answers what it is told to. */
async function startBlobService() {
  const own = selfSigned();
  tls.setDefaultCACertificates([...tls.getCACertificates(), own.cert]);
  const calls: Record<string, unknown>[] = [];
  const answer = { status: 201, code: "" };
  const server = https.createServer(own, async (request, response) => {
    const { authorization, "if-none-match": condition, "x-ms-blob-type": type } = request.headers;
    const body = await text(request);
    if (request.method === "PUT")
      calls.push({ call: `PUT ${request.url?.replace("?timeout=30", "")}`, authorization, condition, type, body });
    if (request.method === "HEAD") return response.writeHead(200).end();
    const { status, code } = answer;
    const error = `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>No.</Message></Error>`;
    const headers = code === "" ? {} : { "x-ms-error-code": code, "Content-Type": "application/xml" };
    return response.writeHead(status, headers).end(code === "" ? "" : error);
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  whenDone(() => void server.close());
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, calls, answer };
}
