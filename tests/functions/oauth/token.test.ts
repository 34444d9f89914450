import { afterEach, describe, expect, test } from "vitest";
import { loadConfig } from "../../../shared/config.ts";
import { createServices, provideServices } from "../../../shared/services.ts";
import type { ApiRequest } from "../../support/api.ts";
import { basicOf, claimsOf, disableClient, newClient, type TestClient } from "../../support/clients.ts";
import { meStatus, newDevice, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";
import { testSettings } from "../../support/settings.ts";

const service = await startService();
const { api, clock, services, logLines } = service;
const client = await newClient(service, "orders.read orders.write");

const post = (form: Record<string, string> | string, request: ApiRequest = {}) =>
  api.post("/oauth/token", { form, ...request });
const asClient = (form: Record<string, string>, { basic }: TestClient = client) => post(form, { headers: basic });
const refused = async (answer: ReturnType<typeof post>) => {
  const { status, json } = await answer;
  return [status, json.error];
};

async function appDevice(): Promise<Device> {
  const { email } = await newDevice(api);
  const body = { email, password: "correct horse battery", transport: "body" };
  const { json } = await api.post("/auth/login", { body });
  return { email, accessToken: json.data.access_token, refreshToken: json.data.refresh_token, cookie: "" };
}

describe("POST /oauth/token, client_credentials (RFC 6749, section 4.4)", () => {
  test("gives an access token of the client's own, never to be cached, and no refresh token", async () => {
    const { status, json, headers } = await asClient({ grant_type: "client_credentials" });
    expect(status).toBe(200);
    expect(json).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 1800,
      scope: "orders.read orders.write",
    });
    expect([headers.get("cache-control"), headers.get("pragma")]).toEqual(["no-store", "no-cache"]);
    expect(claimsOf(json.access_token)).toMatchObject({
      iss: "http://localhost:7071",
      aud: "http://localhost:7071",
      sub: client.id,
      client_id: client.id,
      scope: "orders.read orders.write",
      status: { status_list: { idx: expect.any(Number), uri: "http://localhost:7071/.well-known/token-status/0" } },
    });
    expect(claimsOf(json.access_token)).not.toHaveProperty("sid");
  });

  test("a client may authenticate itself in the form, and ask for less", async () => {
    const named = { client_id: client.id, client_secret: client.secret };
    const { json } = await post({ grant_type: "client_credentials", scope: "orders.read", ...named });
    expect([json.scope, claimsOf(json.access_token).scope]).toEqual(["orders.read", "orders.read"]);
  });

  test("a client without scope gets a token without one", async () => {
    const { json } = await asClient({ grant_type: "client_credentials" }, await newClient(service));
    expect(json).not.toHaveProperty("scope");
    expect(claimsOf(json.access_token)).not.toHaveProperty("scope");
  });

  test("each token has a place of its own in the status list", async () => {
    const tokens = await Promise.all(
      Array.from({ length: 50 }, async () => (await asClient({ grant_type: "client_credentials" })).json.access_token),
    );
    expect(new Set(tokens.map((token) => claimsOf(token).status.status_list.idx)).size).toBe(50);
  });

  test("it opens no endpoint that is for people", async () => {
    const { json } = await asClient({ grant_type: "client_credentials" });
    const answer = await api.get("/auth/me", { bearer: json.access_token });
    expect([answer.status, answer.json.error_code]).toEqual([401, "UNAUTHENTICATED"]);
  });

  test.each(["orders.delete", "orders.read orders.delete", "introspect"])(
    "scope %j is more than it may",
    async (scope) => {
      expect(await refused(asClient({ grant_type: "client_credentials", scope }))).toEqual([400, "invalid_scope"]);
    },
  );

  test("a disabled client gets none, and the answer is that of an unknown one", async () => {
    const other = await newClient(service);
    await disableClient(service, other.id);
    expect(await refused(asClient({ grant_type: "client_credentials" }, other))).toEqual([401, "invalid_client"]);
  });

  test("one that is disabled while its token is made does not get it", async () => {
    const other = await newClient(service);
    const { transaction } = services;
    const changes = services as { transaction: typeof transaction };
    changes.transaction = async (...args) => {
      changes.transaction = transaction;
      await disableClient(service, other.id);
      return transaction(...args);
    };
    const outcome = await refused(asClient({ grant_type: "client_credentials" }, other));
    expect(outcome).toEqual([401, "invalid_client"]);
  });
});

describe("POST /oauth/token, refresh_token (RFC 6749, section 6)", () => {
  test("the first-party client, named by client_id alone, gets the next pair", async () => {
    const device = await appDevice();
    const form = { grant_type: "refresh_token", refresh_token: device.refreshToken, client_id: "web" };
    const { status, json, setCookies } = await post(form);
    expect([status, setCookies]).toEqual([200, []]);
    expect(json).toEqual({
      access_token: expect.any(String),
      token_type: "Bearer",
      expires_in: 1800,
      refresh_token: expect.stringMatching(/^[\w-]{43}$/),
    });
    expect(await meStatus(api, { ...device, accessToken: json.access_token })).toBe(200);
    clock.advance(11);
    expect(await refused(post(form)), "a late reuse").toEqual([400, "invalid_grant"]);
    expect(await meStatus(api, { ...device, accessToken: json.access_token })).toBe(401);
  });

  test("another client cannot use it, and does not use it up", async () => {
    const device = await appDevice();
    const form = { grant_type: "refresh_token", refresh_token: device.refreshToken };
    expect(await refused(asClient(form))).toEqual([400, "invalid_grant"]);
    clock.advance(11);
    expect((await post({ ...form, client_id: "web" })).status).toBe(200);
  });

  test.each([
    ["an unknown token", { refresh_token: "x".repeat(43) }, "invalid_grant"],
    ["no token", {}, "invalid_request"],
    ["a scope", { refresh_token: "x".repeat(43), scope: "all" }, "invalid_scope"],
  ])("%s: %s", async (_what, more, error) => {
    expect(await refused(post({ grant_type: "refresh_token", client_id: "web", ...more }))).toEqual([400, error]);
  });
});

describe("POST /oauth/token, what is refused (RFC 6749, section 5.2)", () => {
  const credentials = { grant_type: "client_credentials" };
  const wrong: [string, Record<string, string> | string, ApiRequest, number, string][] = [
    ["no grant_type", { client_id: "web" }, {}, 400, "invalid_request"],
    ["an empty grant_type", { client_id: "web", grant_type: "" }, {}, 400, "invalid_request"],
    ["the password grant", { client_id: "web", grant_type: "password" }, {}, 400, "unsupported_grant_type"],
    [
      "an authorization code",
      { client_id: "web", grant_type: "authorization_code" },
      {},
      400,
      "unsupported_grant_type",
    ],
    ["a public client's own token", { client_id: "web", ...credentials }, {}, 400, "unauthorized_client"],
    ["no client", credentials, {}, 401, "invalid_client"],
    ["an unknown client", { client_id: "nobody", ...credentials }, {}, 401, "invalid_client"],
    [
      "a client that is SQL",
      { client_id: "' or 1=1 --", client_secret: "x", ...credentials },
      {},
      401,
      "invalid_client",
    ],
    ["no secret", { client_id: client.id, ...credentials }, {}, 401, "invalid_client"],
    ["a wrong secret", { client_id: client.id, client_secret: "wrong", ...credentials }, {}, 401, "invalid_client"],
    [
      "a public client with a secret",
      { client_id: "web", client_secret: "x", ...credentials },
      {},
      401,
      "invalid_client",
    ],
    ["a wrong secret by Basic", credentials, { headers: basicOf(client.id, "wrong") }, 401, "invalid_client"],
    ["Basic that is no base64", credentials, { headers: { Authorization: "Basic %%%" } }, 401, "invalid_client"],
    ["Basic without a colon", credentials, { headers: { Authorization: "Basic YWJj" } }, 401, "invalid_client"],
    ["Basic with a broken escape", credentials, { headers: basicOf(client.id, "%E0%A4%A") }, 401, "invalid_client"],
    ["a bearer token", credentials, { headers: { Authorization: "Bearer abc" } }, 401, "invalid_client"],
    [
      "two ways at once",
      { client_secret: client.secret, ...credentials },
      { headers: client.basic },
      400,
      "invalid_request",
    ],
    ["two clients at once", { client_id: "web", ...credentials }, { headers: client.basic }, 400, "invalid_request"],
    [
      "a repeated parameter",
      "grant_type=client_credentials&grant_type=refresh_token",
      { headers: client.basic },
      400,
      "invalid_request",
    ],
    [
      "a repeated unknown one",
      "grant_type=client_credentials&x=1&x=1",
      { headers: client.basic },
      400,
      "invalid_request",
    ],
    [
      "a repeated empty one",
      "grant_type=client_credentials&scope=&scope=",
      { headers: client.basic },
      400,
      "invalid_request",
    ],
    ["JSON", {}, { headers: { ...client.basic, "Content-Type": "application/json" } }, 400, "invalid_request"],
    ["a coded body", credentials, { headers: { ...client.basic, "Content-Encoding": "gzip" } }, 400, "invalid_request"],
    ["70,000 characters", { ...credentials, x: "x".repeat(70_000) }, { headers: client.basic }, 413, "invalid_request"],
  ];

  test.each(wrong)("%s", async (_what, form, request, status, error) => {
    logLines.length = 0;
    const answer = await post(form, request);
    expect([answer.status, answer.json.error]).toEqual([status, error]);
    expect(answer.headers.get("www-authenticate")).toBe(status === 401 ? 'Basic realm="latchkey"' : null);
    const events = logLines.map((line) => JSON.parse(line).event);
    const isAudited = ["invalid_client", "invalid_scope", "unauthorized_client"].includes(error);
    expect(events).toEqual(isAudited ? ["audit", "request.refused"] : ["request.refused"]);
  });

  test("a body that is not UTF-8, and none at all", async () => {
    const headers = { ...client.basic, "Content-Type": "application/x-www-form-urlencoded" };
    for (const body of [Uint8Array.from([0x61, 0x3d, 0xff]), undefined])
      expect(await refused(api.post("/oauth/token", { body, headers }))).toEqual([400, "invalid_request"]);
  });

  test("credentials in the URL are not looked at", async () => {
    const query = new URLSearchParams({ client_id: client.id, client_secret: client.secret }).toString();
    const answer = await api.post(`/oauth/token?${query}`, { form: credentials });
    expect(answer.json.error).toBe("invalid_client");
  });

  test("unknown parameters are ignored, an empty one counts as absent, and Basic is form-encoded", async () => {
    const form = { ...credentials, scope: "", resource: "x", client_id: client.id };
    const encoded = client.id.replaceAll("-", "%2D");
    expect((await post(form, { headers: basicOf(encoded, client.secret) })).status).toBe(200);
    const type = "application/x-www-form-urlencoded; charset=UTF-8";
    expect((await post(form, { headers: { ...client.basic, "Content-Type": type } })).status).toBe(200);
  });
});

describe("with the database away", () => {
  afterEach(() => provideServices(services));

  test("is 503 with Retry-After, in OAuth's form", async () => {
    provideServices(createServices(loadConfig({ ...testSettings, EMBEDDED_DB_FILE: "/dev/null/latchkey.db" }), clock));
    const answer = await asClient({ grant_type: "client_credentials" });
    expect([answer.status, answer.json.error]).toEqual([503, "temporarily_unavailable"]);
    expect(answer.headers.get("retry-after")).toBe("5");
  });
});
