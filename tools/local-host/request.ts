import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { bodyLength } from "./limits.ts";
import { isTooSlow, type TimeLimits } from "./time-limits.ts";

/**
 * A request's headers as Azure's host passes them on: names in lower case, repeated ones joined by a comma. `peer` is
 * appended to `X-Forwarded-For`, as Azure's front end does.
 */
export function readHeaders(rawHeaders: readonly string[], peer?: string): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]?.toLowerCase() ?? "";
    const value = rawHeaders[index + 1] ?? "";
    headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  if (peer) {
    const hops = headers["x-forwarded-for"];
    headers["x-forwarded-for"] = hops ? `${hops}, ${peer}` : peer;
  }
  return headers;
}

/** The peer as Azure's front end writes it: `address:port`, with an IPv6 address in brackets. */
export function formatPeer({
  remoteAddress = "",
  remotePort = 0,
}: Pick<Socket, "remoteAddress" | "remotePort">): string {
  const address = remoteAddress.replace(/^::ffff:(?=\d+\.)/i, "");
  return address.includes(":") ? `[${address}]:${remotePort}` : `${address}:${remotePort}`;
}

const NO_BODY = Buffer.alloc(0);

/**
 * Reads the body that the host passes on: one with a `Content-Length`. A chunked body is read and dropped, and so is
 * that of a GET or HEAD, which `@azure/functions` would drop with a warning.
 * @returns `"late"` if it comes too slowly, `undefined` if the client went away
 */
export function readBody(request: IncomingMessage, limits: TimeLimits): Promise<Buffer | "late" | undefined> | Buffer {
  if (bodyLength(request) === 0 || request.method === "GET" || request.method === "HEAD") {
    request.resume();
    return NO_BODY;
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const startedAt = performance.now();
    let length = 0;
    const check = () => isTooSlow(length, performance.now() - startedAt, limits) && finish("late");
    const checking = setInterval(check, limits.checkMs);
    const finish = (body: Buffer | "late" | undefined) => {
      clearInterval(checking);
      resolve(body);
    };
    request.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
    });
    request.on("end", () => finish(Buffer.concat(chunks)));
    request.on("close", () => finish(undefined));
  });
}
