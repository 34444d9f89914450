import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { app } from "@azure/functions";
import { beforeEach, describe, expect, test } from "vitest";
import { sendBytes, sendRaw, readAnswer } from "./raw-http.ts";
import { startHost, type TestHost } from "./start-host.ts";

let host: TestHost;
let calls = 0;
let names = 0;

beforeEach(async () => {
  calls = 0;
  const handler = () => ({ body: `call ${++calls}` });
  host = await startHost(() => app.http(`any-${++names}`, { route: "{*path}", handler }));
});

const hostLine = () => `Host: 127.0.0.1:${host.port}`;
const get = (path: string, ...lines: string[]) =>
  sendRaw(host.port, [`GET ${path} HTTP/1.1`, "Connection: close", ...lines]);
const many = (count: number) => Array.from({ length: count }, (_, index) => `X-${index}: 1`);

describe("the host itself", () => {
  test("with a Host of host or host:port serves", async () => {
    for (const value of ["a", "a.example:80", "127.0.0.1", "[::1]", "[::1]:7071"]) {
      expect((await get("/", `Host: ${value}`)).status).toBe(200);
    }
  });

  test.each(["a b", "a/b", "a:", "a:b", "a:80:80", "user@a", "http://a", "::1", "[::1", "a,b", "a\\b", "ä"])(
    "with the Host %j answers 400 without calling a function",
    async (value) => {
      expect(await get("/", `Host: ${value}`)).toMatchObject({ status: 400, body: Buffer.alloc(0) });
      expect(calls).toBe(0);
    },
  );

  test("with two Hosts or none answers 400", async () => {
    expect((await get("/", hostLine(), hostLine())).status).toBe(400);
    expect((await get("/")).status).toBe(400);
    expect(calls).toBe(0);
  });

  test("with an empty Host or a port beyond 65535 answers 500", async () => {
    expect((await get("/", "Host:")).status).toBe(500);
    expect((await get("/", "Host: a:65536")).status).toBe(500);
    expect((await get("/", "Host: a:65535")).status).toBe(200);
  });

  test("serves headers of 32 KiB and answers 431 beyond", async () => {
    const others = ["Connection: close", hostLine(), "X-Big: "].join("\r\n").length + "\r\n".length;
    const room = 32 * 1024 - others;
    expect((await get("/", hostLine(), `X-Big: ${"a".repeat(room)}`)).status).toBe(200);
    expect((await get("/", hostLine(), `X-Big: ${"a".repeat(room + 1)}`)).status).toBe(431);
    expect((await get("/", hostLine(), `X-Big: ${"a".repeat(200_000)}`)).status).toBe(431);
  });

  test("serves 100 headers and answers 431 to more", async () => {
    expect((await get("/", hostLine(), ...many(98))).status).toBe(200);
    expect((await get("/", hostLine(), ...many(99))).status).toBe(431);
    expect((await get("/", hostLine(), ...many(3000))).status).toBe(431);
  });

  test("serves a request line of 8 KiB and answers 414 beyond", async () => {
    const room = 8 * 1024 - "GET / HTTP/1.1\r\n".length;
    expect((await get(`/${"a".repeat(room)}`, hostLine())).status).toBe(200);
    expect((await get(`/${"a".repeat(room + 1)}`, hostLine())).status).toBe(414);
    expect((await get(`/${"a".repeat(60_000)}`, hostLine())).status).toBe(414);
  });

  test.each(["TRACE", "CONNECT", "PROPFIND", "FOO", "PUT"])("answers an empty 404 to %s", async (method) => {
    const target = method === "CONNECT" ? "a.example:443" : "/";
    const answer = await sendRaw(host.port, [`${method} ${target} HTTP/1.1`, hostLine(), "Connection: close"]);
    expect(answer).toMatchObject({ status: 404, body: Buffer.alloc(0) });
    expect(calls).toBe(0);
  });

  test.each(["//", "//auth/me", "///", "//?a=1", "/.//auth/me", "/a/..//b", "http://a.example//auth/me"])(
    "15.24 asked for %s, which begins with two slashes, answers an empty 404",
    async (path) => {
      for (const method of ["GET", "POST", "OPTIONS"]) {
        const answer = await sendRaw(host.port, [`${method} ${path} HTTP/1.1`, hostLine(), "Connection: close"]);
        expect(answer).toMatchObject({ status: 404, body: Buffer.alloc(0) });
      }
      expect(calls).toBe(0);
      expect((await get("/auth//me", hostLine())).status).toBe(200);
    },
  );

  test("announced a body beyond 100 MiB answers 413 at once", async () => {
    const answer = await sendRaw(host.port, [
      "POST / HTTP/1.1",
      hostLine(),
      `Content-Length: ${100 * 1024 * 1024 + 1}`,
    ]);
    expect(answer.status).toBe(413);
    expect(calls).toBe(0);
  });

  test.each([
    "\x16\x03\x01 not http",
    "GET /\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nBad Name: x\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n",
  ])("sent %j, which is no request, answers 400 and closes", async (bytes) => {
    expect(readAnswer(await sendBytes(host.port, bytes)).status).toBe(400);
  });

  test("survives a client that resets its connection after a CONNECT", async () => {
    const socket = connect(host.port, "127.0.0.1");
    socket.write(`CONNECT a.example:443 HTTP/1.1\r\n${hostLine()}\r\n\r\n`);
    await once(socket, "data");
    socket.resetAndDestroy();
    await sleep(50);
    expect((await get("/", hostLine())).status).toBe(200);
  });

  test("goes on serving after every refusal", async () => {
    await sendBytes(host.port, "nonsense\r\n\r\n");
    await get("/", "Host: a b");
    expect(await get("/", hostLine())).toMatchObject({ status: 200, body: Buffer.from("call 1") });
  });
});
