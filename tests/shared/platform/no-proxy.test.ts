import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, test } from "vitest";
import { exemptLoopback } from "../../../shared/platform/no-proxy.ts";
import { azuriteConnection } from "../../local-host/azurite-connection.ts";
import { runTool } from "../../process/run-tool.ts";
import { testSettings } from "../../support/settings.ts";
import { whenDone } from "../../support/when-done.ts";

/** What must be reached directly: a queue service, the platform's endpoint for tokens, and whatever else. */
const target = await listen(
  http.createServer(({ url = "" }, response) => {
    if (url.startsWith("/devstoreaccount1")) {
      response.writeHead(200, { "Content-Type": "application/xml" });
      return response.end(`<?xml version="1.0"?><EnumerationResults><Queues /><NextMarker /></EnumerationResults>`);
    }
    const expiresOn = String(Math.floor(Date.now() / 1000) + 86_400);
    const token = { access_token: "token", expires_on: expiresOn, token_type: "Bearer" };
    response.writeHead(200, { "Content-Type": "application/json" });
    return response.end(url.startsWith("/msi") ? JSON.stringify(token) : "direct");
  }),
);

let proxied = 0;
const proxy = await listen(
  http
    .createServer((_request, response) => {
      proxied += 1;
      response.writeHead(502).end();
    })
    .on("connect", (_request, socket) => {
      proxied += 1;
      socket.destroy();
    }),
);
const proxyUrl = `http://127.0.0.1:${proxy}`;

describe("15.18 with a proxy in the environment, loopback is called directly", () => {
  test.each([
    { HTTP_PROXY: proxyUrl },
    { http_proxy: proxyUrl, NODE_USE_ENV_PROXY: "1" },
    { HTTPS_PROXY: proxyUrl, NO_PROXY: "example.com" },
    { https_proxy: proxyUrl, NO_PROXY: "*" },
    { ALL_PROXY: proxyUrl, no_proxy: "example.com, .internal" },
    { all_proxy: proxyUrl, HTTP_PROXY: proxyUrl, HTTPS_PROXY: proxyUrl, NODE_USE_ENV_PROXY: "1", no_proxy: "*" },
  ])("given %o", async (env) => {
    proxied = 0;
    const own = {
      ...testSettings,
      AzureWebJobsStorage: azuriteConnection(target),
      IDENTITY_ENDPOINT: `http://127.0.0.1:${target}/msi/token`,
      IDENTITY_HEADER: "header",
    };
    const call = async (more: Record<string, string>, words: string[] = []) => {
      const args = [`http://localhost:${target}/`, ...words];
      const script = "tests/shared/platform/loopback-calls.ts";
      return runTool(script, { cwd: process.cwd(), args, env: { ...own, ...env, ...more } }).ended;
    };
    expect(await call({})).toMatchObject({ code: 0, stdout: "queue token direct\n", stderr: "" });
    // Whoever migrates reads the settings of the database alone.
    const server = { DB_SERVER: "db.example.com", DB_DATABASE: "latchkey" };
    expect(await call(server, ["migrating"])).toMatchObject({ code: 0, stdout: "token direct\n", stderr: "" });
    expect(proxied).toBe(0);
  });
});

describe("15.18 exemptLoopback", () => {
  const exempt = (environment: Record<string, string>) => {
    exemptLoopback(environment);
    return environment;
  };
  const own = "localhost,127.0.0.1,[::1],::1";

  test("without a proxy leaves the environment as it is", () => {
    expect(exempt({ NO_PROXY: "a" })).toEqual({ NO_PROXY: "a" });
    expect(exempt({ HTTP_PROXY: "" })).toEqual({ HTTP_PROXY: "" });
  });

  test("keeps what is listed, under either name, and adds each name once", () => {
    const again = exempt(exempt({ HTTPS_PROXY: "http://p", NO_PROXY: " a , localhost" }));
    expect(again["NO_PROXY"]).toBe("a,localhost,127.0.0.1,[::1],::1");
    expect(again["no_proxy"]).toBe(again["NO_PROXY"]);
    const both = exempt({ http_proxy: "http://p", NO_PROXY: "a", no_proxy: "b" });
    expect([both["NO_PROXY"], both["no_proxy"]]).toEqual([`a,${own}`, `b,${own}`]);
  });

  test("exempts the platform's endpoint for tokens, wherever it is", () => {
    const azure = exempt({ ALL_PROXY: "http://p", IDENTITY_ENDPOINT: "http://169.254.129.2:8081/msi/token" });
    expect(azure["NO_PROXY"]).toBe(`${own},169.254.129.2`);
  });
});

async function listen(server: http.Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  whenDone(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}
