import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case, in the order sent, doubles included. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

/** Sends bytes as they are and reads until the server closes the connection. */
export function sendBytes(port: number, bytes: string | Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect({ port, host: "127.0.0.1" }, () => socket.write(bytes));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("close", () => resolve(Buffer.concat(chunks)));
    socket.setTimeout(10_000, () => socket.destroy(new Error("no answer within 10 s")));
  });
}

/** Sends one request, given as its head's lines and its body, on a connection of its own. */
export async function sendRaw(
  port: number,
  lines: readonly string[],
  body: Buffer = Buffer.alloc(0),
): Promise<RawAnswer> {
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`);
  return readAnswer(await sendBytes(port, Buffer.concat([head, body])));
}

/** Reads an answer with a `Content-Length`, or with none and no body. */
export function readAnswer(bytes: Buffer): RawAnswer {
  const end = bytes.indexOf("\r\n\r\n");
  if (end === -1) throw new Error(`not an HTTP answer: ${JSON.stringify(bytes.toString())}`);
  const [statusLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const headers = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return { status: Number(statusLine.split(" ")[1]), headers, body: bytes.subarray(end + 4) };
}
