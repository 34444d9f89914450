import { app, type HttpRequest } from "@azure/functions";
import { describe, expect, test, vi } from "vitest";
import { isTooSlow, KESTREL_LIMITS } from "../../tools/local-host/time-limits.ts";
import { openRaw } from "./open-raw.ts";
import { whenDone } from "../support/when-done.ts";
import { startHost } from "./start-host.ts";

const never = 1e9;
/** What would take Azure's host seconds. */
const soon = { headMs: 50, graceMs: 50, bytesPerSecond: 240, checkMs: 10 };

let names = 0;

/** A host with a function at every address. */
async function echoing(timeLimits: Partial<typeof KESTREL_LIMITS>) {
  const calls: string[] = [];
  const handler = async (request: HttpRequest) => {
    calls.push(await request.text());
    return { body: "called" };
  };
  const methods = ["GET" as const, "POST" as const];
  const host = await startHost(() => app.http(`slow-${++names}`, { route: "there", methods, handler }), { timeLimits });
  return { ...host, calls };
}

const truncated = (line: string, ...headers: string[]) => [line, "Host: localhost", ...headers, "", "abc"].join("\r\n");

describe("15.23 on the local host", () => {
  test("a body that stops is 408 and the end of the connection, without a call", async () => {
    const { url, calls, lines } = await echoing({ ...soon, headMs: never });
    const connection = openRaw(url);
    connection.write(truncated("POST /there HTTP/1.1", "Content-Length: 10"));
    const answer = await connection.ended;
    expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect([calls, lines]).toEqual([[], []]);
  });

  test.each([
    ["a body that nobody reads", "GET /there HTTP/1.1", "Content-Length: 10", 200],
    ["a body for nobody", "POST /nowhere HTTP/1.1", "Content-Length: 10", 404],
    ["chunks that do not end", "POST /there HTTP/1.1", "Transfer-Encoding: chunked", 200],
  ])("%s is answered, and its connection ends when the rest does not come", async (_what, line, header, status) => {
    const { url } = await echoing({ ...soon, headMs: never });
    const connection = openRaw(url);
    connection.write(truncated(line, header).replace("abc", header.startsWith("T") ? "3\r\nabc\r\n" : "abc"));
    expect((await connection.ended).match(/HTTP\/1\.1 \d+/g)).toEqual([`HTTP/1.1 ${status}`]);
  });

  test("bodies that come after their answers leave nothing behind on their connection", async () => {
    const { url } = await echoing({ ...soon, graceMs: never, headMs: never });
    const warnings: string[] = [];
    const listen = ({ name }: Error) => void warnings.push(name);
    process.on("warning", listen);
    whenDone(() => process.off("warning", listen));
    const connection = openRaw(url);
    for (let count = 1; count <= 12; count += 1) {
      connection.write(truncated("POST /nowhere HTTP/1.1", "Content-Length: 10"));
      await vi.waitFor(() => expect(connection.received().match(/HTTP\/1\.1 404/g)).toHaveLength(count));
      connection.write("defghij");
    }
    connection.write("GET /there HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    expect((await connection.ended).match(/HTTP\/1\.1 200/g)).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  test("a head that stops is 408 and the end of the connection", async () => {
    const { url, calls } = await echoing({ ...soon, graceMs: never });
    const connection = openRaw(url);
    connection.write("GET /there HTTP/1.1\r\nHost: loc");
    expect(await connection.ended).toMatch(/^HTTP\/1\.1 408 /);
    expect(calls).toEqual([]);
  });

  test("a body that comes in pieces, fast enough, is one body, and the connection goes on", async () => {
    const { url, calls } = await echoing({ ...soon, graceMs: 0, bytesPerSecond: 0, headMs: never });
    const connection = openRaw(url);
    connection.write(truncated("POST /there HTTP/1.1", "Content-Length: 9"));
    // Until it has been looked at many times.
    await new Promise((resolve) => setTimeout(resolve, 10 * soon.checkMs));
    connection.write("defghi");
    await vi.waitFor(() => expect(calls).toEqual(["abcdefghi"]));
    connection.write("GET /there HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    expect((await connection.ended).match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  });

  test("the limits are those of Kestrel", async () => {
    expect(KESTREL_LIMITS).toEqual({ headMs: 30_000, graceMs: 5_000, bytesPerSecond: 240, checkMs: 1_000 });
  });

  test.each([
    [0, 5_000, false],
    [0, 5_001, true],
    [1_439, 6_000, true],
    [1_440, 6_000, false],
    [240 * 600, 600_000, false],
    [240 * 600 - 1, 600_000, true],
  ])("%d bytes after %d ms are too slow: %j", (bytes, elapsedMs, expected) => {
    expect(isTooSlow(bytes, elapsedMs, KESTREL_LIMITS)).toBe(expected);
  });
});
