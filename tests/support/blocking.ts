import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** Nothing may keep the event loop from everybody else for longer. */
export const limitMilliseconds = 50;

/**
 * The time that this thread itself computes while `work` is under way: on a busy machine it stays the same, unlike the time
 * that passes, and no stretch of the event loop is longer.
 */
export async function computing(work: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await work();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** What computes for too long, measured once more before it counts: what comes first compiles and collects for others. */
export async function blocks(work: () => Promise<unknown>): Promise<number | undefined> {
  let least = Infinity;
  for (let attempt = 0; attempt < 4; attempt += 1) {
    least = Math.min(least, await computing(work));
    if (least <= limitMilliseconds) return undefined;
    // No compiler and no collector takes so long.
    if (least > 10 * limitMilliseconds) break;
  }
  return least;
}

export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer | undefined;
}

/** Sends whatever bytes a request is made of, one after another on a connection that is kept while the server keeps it. */
export function createRawClient(port: number) {
  let socket: Socket | undefined;

  async function open(): Promise<Socket> {
    if (socket && !socket.destroyed && socket.writable) return socket;
    const opened = connect(port, "127.0.0.1");
    opened.on("error", () => opened.destroy());
    await once(opened, "connect");
    return (socket = opened);
  }

  return {
    /** @returns the status; undefined when the server has closed without a word */
    async send(request: RawRequest): Promise<number | undefined> {
      const connection = await open();
      const answer = readAnswer(connection, request.method);
      connection.write(toBytes(request));
      return answer;
    },
    close: () => void socket?.destroy(),
  };
}

function toBytes({ method, path, headers = {}, body }: RawRequest): Buffer {
  const mayHaveBody = method !== "GET" && method !== "HEAD";
  const content = Buffer.from((mayHaveBody && body) || "");
  const lines = Object.entries({ Host: "localhost", ...headers }).map(([name, value]) => `${name}: ${value}`);
  const framing = mayHaveBody ? [`Content-Length: ${content.length}`] : [];
  const head = [`${method} ${path} HTTP/1.1`, ...lines, ...framing, "", ""].join("\r\n");
  return Buffer.concat([Buffer.from(head, "latin1"), content]);
}

/** Reads one answer: the host frames each by its length. */
function readAnswer(socket: Socket, method: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let [length, expected] = [0, Infinity];
    let status: number | undefined;
    const finish = () => {
      socket.off("data", read).off("close", finish);
      resolve(status);
    };
    const read = (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (expected === Infinity) {
        const bytes = Buffer.concat(chunks);
        const end = bytes.indexOf("\r\n\r\n");
        if (end === -1) return;
        const head = bytes.toString("latin1", 0, end);
        status = Number(head.slice(9, 12));
        const isBare = method === "HEAD" || status === 204 || status === 304;
        expected = end + 4 + (isBare ? 0 : Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0));
        // The server says that it closes: the next request takes another connection.
        if (/\r\nconnection: close/i.test(head)) socket.destroy();
      }
      if (length >= expected) finish();
    };
    socket.on("data", read).on("close", finish);
  });
}
