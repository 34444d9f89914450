import { describe, expect, test, vi } from "vitest";
import type { ClientOptions } from "../../client/src/index.ts";
import { password, registerPerson } from "../support/people.ts";
import { serveProvider, type ProviderRequest } from "../support/providers/serve.ts";
import { startService } from "../support/service.ts";
import { createDevice } from "./device.ts";

const { api, url } = await startService();

/** An API that takes the tokens which a test lets it take. */
const received: { readonly token: string; readonly call: string; readonly body: string }[] = [];
let accepts = (_token: string): boolean => true;
const orders = await serveProvider(({ method, url: target, headers, body }: ProviderRequest) => {
  const token = headers.authorization?.replace(/^Bearer /, "") ?? "";
  received.push({ token, call: `${method} ${target.pathname}`, body });
  return accepts(token) ? { body: { ordered: body } } : { status: 401, body: { error: "token" } };
});

async function signedIn(options: Partial<ClientOptions> = { apiOrigins: [orders.url] }) {
  const device = createDevice(url);
  // With a fetch of its own it goes to the service itself, whose cookies nobody keeps.
  const client = device.open(options.fetch ? { ...options, baseUrl: url } : options);
  const email = await registerPerson(api);
  await client.login({ email, password });
  received.length = 0;
  accepts = () => true;
  return { device, client, token: (await client.getAccessToken()) ?? "" };
}

describe("fetch", () => {
  test("sends the access token along, and leaves the rest of the request as it is", async () => {
    const { client, token } = await signedIn();
    const response = await client.fetch(`${orders.url}/orders`, { method: "PUT", body: "two of them" });
    expect(await response.json()).toEqual({ ordered: "two of them" });
    expect(received).toEqual([{ token, call: "PUT /orders", body: "two of them" }]);
  });

  test("a 401 is answered by one refresh, and the request is sent once more, with its body", async () => {
    const { device, client, token } = await signedIn();
    accepts = (one) => one !== token;
    const request = new Request(`${orders.url}/orders`, { method: "POST", body: "two of them" });
    expect((await client.fetch(request)).status).toBe(200);
    expect(received.map(({ call, body }) => [call, body])).toEqual([
      ["POST /orders", "two of them"],
      ["POST /orders", "two of them"],
    ]);
    expect(device.count("/auth/refresh")).toBe(1);
    expect(received[1]?.token).toBe(await client.getAccessToken());
  });

  test("a body that streams is sent a second time too", async () => {
    const { client, token } = await signedIn();
    accepts = (one) => one !== token;
    const body = new Blob(["a", "b", "c"]).stream();
    const init: RequestInit & { duplex: "half" } = { method: "POST", body, duplex: "half" };
    expect(await (await client.fetch(`${orders.url}/orders`, init)).json()).toEqual({ ordered: "abc" });
  });

  test("a second 401 is the answer", async () => {
    const { device, client } = await signedIn();
    accepts = () => false;
    const response = await client.fetch(`${orders.url}/orders`);
    expect([response.status, await response.json(), received.length]).toEqual([401, { error: "token" }, 2]);
    expect(device.count("/auth/refresh")).toBe(1);
  });

  test("twenty calls that are refused at once are answered by one refresh", async () => {
    const { device, client, token } = await signedIn();
    accepts = (one) => one !== token;
    const calls = Array.from({ length: 20 }, () => client.fetch(`${orders.url}/orders`));
    expect(new Set((await Promise.all(calls)).map(({ status }) => status))).toEqual(new Set([200]));
    expect([device.count("/auth/refresh"), received.length]).toEqual([1, 40]);
  });

  test("when the session has ended, the 401 is the answer, and later calls go without a token", async () => {
    const { device, client } = await signedIn();
    device.cookies.clear();
    accepts = () => false;
    expect((await client.fetch(`${orders.url}/orders`)).status).toBe(401);
    expect(client.user).toBeUndefined();
    expect((await client.fetch(`${orders.url}/orders`)).status).toBe(401);
    expect(received.map(({ token }) => token !== "")).toEqual([true, false]);
    expect(device.count("/auth/refresh")).toBe(1);
  });

  test("when it cannot be told whether the session has ended, that is the error", async () => {
    const { device, client } = await signedIn();
    accepts = () => false;
    device.way = (request) =>
      request.url.includes("/auth/") ? Promise.resolve(new Response("", { status: 403 })) : undefined;
    await expect(client.fetch(`${orders.url}/orders`)).rejects.toMatchObject({ name: "LatchkeyError", status: 403 });
  });

  test("with apiOrigins, no other origin gets the token; the service itself does", async () => {
    const { client, token } = await signedIn({ apiOrigins: [`${orders.url}/`] });
    const elsewhere: (string | undefined)[] = [];
    const stranger = await serveProvider(({ headers }) => {
      elsewhere.push(headers.authorization);
      return {};
    });
    await client.fetch(`${stranger.url}/collect`);
    await client.fetch(`${orders.url}/orders`);
    expect([elsewhere, received[0]?.token]).toEqual([[undefined], token]);
    expect((await client.me()).email).toContain("@example.com");
  });

  test("what one person has composed is not sent again for another", async () => {
    const { device, client, token } = await signedIn();
    const [other, otherTab] = [await registerPerson(api), device.open()];
    accepts = (one) => one !== token;
    const send = client.fetch(`${orders.url}/orders`, { method: "POST", body: "composed by the first" });
    await otherTab.logout();
    await otherTab.login({ email: other, password });
    expect((await send).status).toBe(401);
    expect(received.map(({ body }) => body)).toEqual(["composed by the first"]);
  });

  test("what waits for a token is not sent for whoever has signed in meanwhile", async () => {
    const { device, client } = await signedIn();
    const [other, otherTab] = [await registerPerson(api), device.open()];
    const signingIn = otherTab.login({ email: other, password });
    vi.setSystemTime(Date.now() + 60 * 60_000);
    const send = client.fetch(`${orders.url}/orders`, { method: "POST", body: "composed by the first" });
    const outcome = await send.then(
      ({ status }) => status,
      (error: { code: string }) => error.code,
    );
    await signingIn;
    vi.useRealTimers();
    expect([outcome, received]).toEqual(["UNAUTHENTICATED", []]);
  });

  test("a server that refuses new tokens too is not given new ones for every call", async () => {
    const { device, client } = await signedIn();
    accepts = () => false;
    for (let call = 0; call < 10; call += 1) expect((await client.fetch(`${orders.url}/orders`)).status).toBe(401);
    expect(device.count("/auth/refresh")).toBe(1);
  });

  test("the caller's abort ends the call", async () => {
    const { client } = await signedIn();
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(client.fetch(`${orders.url}/orders`, { signal })).rejects.toThrow("enough");
  });
});

describe("15.6 who gets the token", () => {
  const service = (target: string) => new URL(target, `${url}/`).href;

  /** Which of these URLs were asked with a token. */
  async function receivers(apiOrigins: readonly string[] | undefined, targets: readonly string[]) {
    const { device, client } = await signedIn(apiOrigins && { apiOrigins });
    const seen: string[] = [];
    device.way = ({ url: target, headers }) => {
      if (headers.has("Authorization")) seen.push(target);
      return Promise.resolve(new Response());
    };
    for (const target of targets) await client.fetch(target);
    return seen;
  }

  const strangers = [
    "https://elsewhere.example/collect",
    "https://127.0.0.1/collect",
    "http://localhost:1/collect",
    "http://[::1]/collect",
    `${orders.url.replace(/\d+$/, "2")}/orders`,
    url.replace("http:", "https:"),
    url.replace(/\d+$/, "1"),
    `https://${new URL(url).hostname}.elsewhere.example/`,
    "app://elsewhere/collect",
    "data:text/plain,collect",
  ];

  test("unless apiOrigins names others it is the service's own origin, and nobody else", async () => {
    for (const apiOrigins of [undefined, []])
      expect(await receivers(apiOrigins, [...strangers, service("auth/me"), service("elsewhere")])).toEqual([
        service("auth/me"),
        service("elsewhere"),
      ]);
  });

  test("an origin is scheme, host and port; the rest of what names it does not count", async () => {
    const named = ["https://api.example.com/v1", "http://api.example.com:8080", "app://one"];
    const own = ["https://api.example.com/orders", "http://api.example.com:8080/", "app://one/orders"];
    const others = [
      "http://api.example.com/",
      "https://api.example.com:8443/",
      "https://evil.api.example.com/",
      "https://api.example.com.evil.example/",
      "app://two/orders",
      "other://one/orders",
    ];
    expect(await receivers(named, [...others, ...strangers, ...own])).toEqual(own);
  });

  test.each(["*", "https://*.example.com", "api.example.com", "", "null", "/orders", "https://", "data:,"])(
    "%j names no origin, and says so at once",
    (origin) => {
      expect(() => createDevice(url).open({ apiOrigins: [origin] })).toThrow(
        expect.objectContaining({ name: "LatchkeyError", code: "INVALID_OPTIONS" }),
      );
    },
  );

  test("an API that redirects elsewhere does not take the token there", async () => {
    const seen: (string | undefined)[] = [];
    const stranger = await serveProvider(({ headers }) => {
      seen.push(headers.authorization);
      return {};
    });
    const api2 = await serveProvider(({ headers }) => {
      seen.push(headers.authorization);
      return { status: 307, headers: { Location: `${stranger.url}/collect` } };
    });
    const { token, client } = await signedIn({ apiOrigins: [api2.url], fetch });
    await client.fetch(`${api2.url}/orders`);
    expect(seen).toEqual([`Bearer ${token}`, undefined]);
  });
});
