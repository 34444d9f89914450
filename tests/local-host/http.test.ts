import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { app, type HttpRequest, type InvocationContext } from "@azure/functions";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { formatPeer } from "../../tools/local-host/request.ts";
import { readAnswer, sendBytes } from "./raw-http.ts";
import { startHost } from "./start-host.ts";

const request = (port: number, ...lines: string[]) =>
  `${[lines[0], `Host: 127.0.0.1:${port}`, ...lines.slice(1)].join("\r\n")}\r\n\r\n`;

describe("a function on the local host", () => {
  test("that throws is one log line and an empty 500", async () => {
    const host = await startHost(() =>
      app.http("throwing", {
        route: "throwing",
        handler: () => {
          throw new Error("two\nlines");
        },
      }),
    );
    const response = await fetch(`${host.url}/throwing`);
    expect(response.status).toBe(500);
    expect(await response.text()).toBe("");
    expect(host.lines).toEqual([
      expect.stringMatching(/^The function "throwing" failed: two lines \(at .*http\.test\.ts.*\)$/),
    ]);
  });

  test.each([undefined, null, "text", 0])("that throws %j is a 500 all the same", async (thrown) => {
    const host = await startHost(() =>
      app.http(`throwing-${thrown}`, { route: "x", handler: () => Promise.reject(thrown) }),
    );
    expect((await fetch(`${host.url}/x`)).status).toBe(500);
    expect(host.lines).toHaveLength(1);
  });

  test("that logs has each message passed on as it is, but for debug and trace", async () => {
    const handler = (_: HttpRequest, context: InvocationContext) => {
      context.log('{"a":1}');
      context.info("info %d", 2);
      context.warn("warn");
      context.error("error");
      context.debug("debug");
      context.trace("trace");
      return {};
    };
    const host = await startHost(() => app.http("logging", { route: "logging", handler }));
    await fetch(`${host.url}/logging`);
    expect(host.lines).toEqual(['{"a":1}', "info 2", "warn", "error"]);
  });

  test("runs within the app's hooks, which may change inputs, result and error", async () => {
    const seen: string[] = [];
    const hooks = [
      app.hook.preInvocation((context) => void seen.push(`pre ${context.inputs.length}`)),
      app.hook.postInvocation((context) => {
        seen.push(`post ${String(context.error)}`);
        context.error = null;
        context.result = { status: 299 };
      }),
      app.hook.log((context) => void (context.message = context.message.toUpperCase())),
    ];
    onTestFinished(() => hooks.forEach((hook) => hook.dispose()));
    const handler = (_: HttpRequest, context: InvocationContext) => {
      context.log("loud");
      throw new Error("mended");
    };
    const host = await startHost(() => app.http("hooked", { route: "hooked", handler }));
    expect((await fetch(`${host.url}/hooked`)).status).toBe(299);
    expect(seen).toEqual(["pre 1", "post Error: mended"]);
    expect(host.lines).toEqual(["LOUD"]);
  });

  test("without a prefix in host.json is below /api, and without a route at its name", async () => {
    const host = await startHost(() => app.http("named", { handler: () => ({ body: "x" }) }), { hostJson: {} });
    expect((await fetch(`${host.url}/api/named`)).status).toBe(200);
    expect((await fetch(`${host.url}/named`)).status).toBe(404);
  });

  test("receives the caller's address in X-Forwarded-For when the host appends it, and not otherwise", async () => {
    const handler = ({ headers }: HttpRequest) => ({ body: headers.get("x-forwarded-for") ?? "none" });
    const host = await startHost(() => app.http("peer", { route: "peer", handler }), { appendPeer: true });
    const bare = await startHost(() => app.http("peer-2", { route: "peer", handler }));
    const headers = { "X-Forwarded-For": "9.9.9.9" };
    expect(await (await fetch(`${host.url}/peer`)).text()).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(await (await fetch(`${host.url}/peer`, { headers })).text()).toMatch(/^9\.9\.9\.9, 127\.0\.0\.1:\d+$/);
    expect(await (await fetch(`${bare.url}/peer`, { headers })).text()).toBe("9.9.9.9");
    expect(await (await fetch(`${bare.url}/peer`)).text()).toBe("none");
  });
});

describe("a peer's address", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1:5"],
    ["::ffff:10.0.0.1", "10.0.0.1:5"],
    ["2001:db8::1", "[2001:db8::1]:5"],
  ])("%s is written %s", (remoteAddress, text) => {
    expect(formatPeer({ remoteAddress, remotePort: 5 })).toBe(text);
  });
});

describe("a connection to the local host", () => {
  test("serves one request after another, dropping a chunked body between them", async () => {
    const handler = async (incoming: HttpRequest) => ({ body: `<${await incoming.text()}>` });
    const host = await startHost(() => app.http("kept", { methods: ["POST"], route: "kept", handler }));
    const chunked = `${request(host.port, "POST /kept HTTP/1.1", "Transfer-Encoding: chunked")}3\r\nabc\r\n0\r\n\r\n`;
    const sized = `${request(host.port, "POST /kept HTTP/1.1", "Content-Length: 3", "Connection: close")}abc`;
    const text = (await sendBytes(host.port, chunked + sized)).toString();
    expect(text.match(/<.*>/g)).toEqual(["<>", "<abc>"]);
  });

  test("takes a large body in pieces as one", async () => {
    const handler = async (incoming: HttpRequest) => ({ body: `${(await incoming.arrayBuffer()).byteLength}` });
    const host = await startHost(() => app.http("large", { methods: ["POST"], route: "large", handler }));
    const response = await fetch(`${host.url}/large`, { method: "POST", body: Buffer.alloc(5_000_000) });
    expect(await response.text()).toBe("5000000");
  });

  test("asks for the body that a client announces with Expect", async () => {
    const handler = async (incoming: HttpRequest) => ({ body: await incoming.text() });
    const host = await startHost(() => app.http("expecting", { methods: ["POST"], route: "expecting", handler }));
    const socket = connect(host.port, "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.write(
      request(host.port, "POST /expecting HTTP/1.1", "Content-Length: 2", "Expect: 100-continue", "Connection: close"),
    );
    const [first] = (await once(socket, "data")) as [Buffer];
    expect(first.toString()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write("ok");
    const [second] = (await once(socket, "data")) as [Buffer];
    expect(readAnswer(second)).toMatchObject({ status: 200 });
  });

  test("that ends amid a body or before the answer does no harm, and the former calls no function", async () => {
    const calls: string[] = [];
    let answer: () => void = () => undefined;
    const handler = async ({ method }: HttpRequest) => {
      calls.push(method);
      await new Promise<void>((resolve) => (answer = resolve));
      return { body: "late" };
    };
    const host = await startHost(() => app.http("left", { methods: ["GET", "POST"], route: "left", handler }));
    const send = async (text: string) => {
      const socket = connect(host.port, "127.0.0.1");
      await once(socket, "connect");
      socket.write(text);
      await sleep(50);
      socket.resetAndDestroy();
      await sleep(50);
    };
    await send(`${request(host.port, "POST /left HTTP/1.1", "Content-Length: 9")}abc`);
    expect(calls).toEqual([]);
    await send(request(host.port, "GET /left HTTP/1.1"));
    expect(calls).toEqual(["GET"]);
    answer();
    const served = fetch(`${host.url}/left`);
    await vi.waitFor(() => expect(calls).toHaveLength(2));
    answer();
    expect(await (await served).text()).toBe("late");
    expect(host.lines).toEqual([]);
  });
});

describe("a local host that closes", () => {
  test("answers the calls in flight, ends their connections, and takes no more", async () => {
    let answer: (() => void) | undefined;
    const handler = async () => {
      await new Promise<void>((resolve) => (answer = resolve));
      return { body: "drained" };
    };
    const host = await startHost(() => app.http("draining", { route: "draining", handler }));
    const inFlight = fetch(`${host.url}/draining`);
    await vi.waitFor(() => expect(answer).toBeDefined());
    const closed = host.close();
    await expect(fetch(`${host.url}/draining`)).rejects.toThrow("fetch failed");
    answer?.();
    const response = await inFlight;
    expect(await response.text()).toBe("drained");
    expect(response.headers.get("connection")).toBe("close");
    await closed;
    await host.close();
  });

  test("does not wait for idle connections", async () => {
    const host = await startHost(() => app.http("idle", { route: "idle", handler: () => ({}) }));
    const socket = connect(host.port, "127.0.0.1");
    socket.write(request(host.port, "GET /idle HTTP/1.1"));
    await once(socket, "data");
    const ended = once(socket, "close");
    socket.resume();
    await host.close();
    await ended;
  });
});
