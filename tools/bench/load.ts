// A light load generator: raw sockets, keep-alive, one request in flight per connection. It runs in a process of its own,
// so that what it costs is the same for every server that it measures.
import net from "node:net";

/** What one connection sends: the next request, given the body of the last answer. */
export type NextRequest = (lastBody: string | undefined) => Buffer;

export interface Load {
  readonly port: number;
  readonly seconds: number;
  /** One for each connection. */
  readonly clients: readonly NextRequest[];
  /** The status that every answer must have. */
  readonly status: number;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  /** Answers with another status. */
  readonly failures: number;
}

/** A request as bytes; `body` is sent as JSON. */
export function requestBytes(method: string, path: string, options: { bearer?: string; body?: unknown } = {}): Buffer {
  const body = options.body === undefined ? "" : JSON.stringify(options.body);
  const lines = [`${method} ${path} HTTP/1.1`, "Host: 127.0.0.1"];
  if (options.bearer !== undefined) lines.push(`Authorization: Bearer ${options.bearer}`);
  if (body !== "") lines.push("Content-Type: application/json", `Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n${body}`);
}

/** Loads a server on loopback for some seconds, and counts the answers. */
export async function load({ port, seconds, clients, status }: Load): Promise<LoadResult> {
  const startedAt = performance.now();
  const endAt = startedAt + seconds * 1000;
  const counts = await Promise.all(clients.map((next) => drive(next, { port, endAt, status })));
  const elapsedSeconds = (performance.now() - startedAt) / 1000;
  const total = counts.reduce((sum, { answers }) => sum + answers, 0);
  const failures = counts.reduce((sum, count) => sum + count.failures, 0);
  return { requestsPerSecond: total / elapsedSeconds, failures };
}

function drive(
  next: NextRequest,
  { port, endAt, status }: { port: number; endAt: number; status: number },
): Promise<{ answers: number; failures: number }> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, "127.0.0.1", () => socket.write(next(undefined)));
    let answers = 0;
    let failures = 0;
    let received = Buffer.alloc(0);
    socket.setNoDelay(true);
    socket.on("error", reject);
    socket.on("close", () => resolve({ answers, failures }));
    socket.on("data", (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const body = takeBody(received);
      if (body === undefined) return;
      answers += 1;
      if (Number(received.toString("latin1", 9, 12)) !== status) failures += 1;
      received = Buffer.alloc(0);
      if (performance.now() < endAt) socket.write(next(body));
      else socket.destroy();
    });
  });
}

/** The body of a whole answer, by its Content-Length; undefined while a part is missing. */
function takeBody(answer: Buffer): string | undefined {
  const end = answer.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const head = answer.toString("latin1", 0, end);
  const length = /content-length: *(\d+)/i.exec(head)?.[1];
  if (length === undefined) throw new Error(`an answer without Content-Length:\n${head}`);
  const bodyStart = end + 4;
  return answer.length >= bodyStart + Number(length) ? answer.toString("utf8", bodyStart) : undefined;
}
