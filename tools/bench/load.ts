// A light load generator: raw sockets, keep-alive, one request in flight per connection. It runs in its own process, so
// that it costs the same for every server that it measures.
import net from "node:net";
import { percentile } from "./statistics.ts";

/** Makes a connection's next request, given the body of the last answer. */
export type NextRequest = (lastBody: string | undefined) => Buffer;

export interface Load {
  readonly port: number;
  readonly seconds: number;
  /** One per connection. */
  readonly clients: readonly NextRequest[];
  /** The status that every answer must have. */
  readonly status: number;
}

/** A request as bytes; `body` is sent as JSON. */
export function requestBytes(method: string, path: string, options: { bearer?: string; body?: unknown } = {}): Buffer {
  const body = options.body === undefined ? "" : JSON.stringify(options.body);
  const lines = [`${method} ${path} HTTP/1.1`, "Host: 127.0.0.1"];
  if (options.bearer !== undefined) lines.push(`Authorization: Bearer ${options.bearer}`);
  if (body !== "") lines.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

export interface LoadResult {
  readonly answers: number;
  readonly answersPerSecond: number;
  /** The median time of an answer. */
  readonly medianMilliseconds: number;
  /** The time within which 99 of 100 answers arrived. */
  readonly p99Milliseconds: number;
}

/** Puts load on a server on loopback for some seconds. @throws Error if an answer has another status */
export async function load({ port, seconds, clients, status }: Load): Promise<LoadResult> {
  const startedAt = performance.now();
  const endAt = startedAt + seconds * 1000;
  const drives = await Promise.all(clients.map((next) => drive(next, { port, endAt, status })));
  const elapsedSeconds = (performance.now() - startedAt) / 1000;
  const failures = drives.reduce((sum, { failures: count }) => sum + count, 0);
  if (failures > 0) throw new Error(`${failures} answers were not ${status}`);
  const durations = drives.flatMap(({ milliseconds }) => milliseconds);
  const sorted = Float64Array.from(durations).toSorted();
  return {
    answers: durations.length,
    answersPerSecond: durations.length / elapsedSeconds,
    medianMilliseconds: percentile(sorted, 50),
    p99Milliseconds: percentile(sorted, 99),
  };
}

interface Drive {
  /** How long each answer took. */
  readonly milliseconds: readonly number[];
  /** Answers with another status. */
  readonly failures: number;
}

function drive(
  next: NextRequest,
  { port, endAt, status }: { port: number; endAt: number; status: number },
): Promise<Drive> {
  return new Promise((resolve, reject) => {
    const milliseconds: number[] = [];
    let failures = 0;
    let sentAt = 0;
    let received = Buffer.alloc(0);
    const send = (request: Buffer) => {
      sentAt = performance.now();
      socket.write(request);
    };
    const socket = net.connect(port, "127.0.0.1", () => send(next(undefined)));
    socket.setNoDelay(true);
    socket.on("error", reject);
    socket.on("close", () => resolve({ milliseconds, failures }));
    socket.on("data", (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const body = takeBody(received);
      if (body === undefined) return;
      milliseconds.push(performance.now() - sentAt);
      if (Number(received.toString("latin1", 9, 12)) !== status) failures += 1;
      received = Buffer.alloc(0);
      // Passed on even for the last answer, which may contain a token that the next load needs.
      const request = next(body);
      if (performance.now() < endAt) send(request);
      else socket.destroy();
    });
  });
}

/** The body of a complete answer, by its Content-Length; undefined while part of it is missing. */
function takeBody(answer: Buffer): string | undefined {
  const end = answer.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = answer.toString("latin1", 0, end);
  const length = /content-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`an answer without Content-Length:\n${head}`);
  const bodyStart = end + 4;
  return answer.length >= bodyStart + Number(length) ? answer.toString("utf8", bodyStart) : undefined;
}
