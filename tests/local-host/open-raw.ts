import net from "node:net";

/** A connection on which a test writes what no HTTP client would. */
export interface RawConnection {
  write(text: string): void;
  /** What has come back so far. */
  readonly received: () => string;
  /** All that came back, once the other end has closed. */
  readonly ended: Promise<string>;
}

export function openRaw(url: string): RawConnection {
  const socket = net.connect(Number(new URL(url).port), "127.0.0.1");
  let answer = "";
  const ended = new Promise<string>((resolve, reject) => {
    socket.on("data", (chunk) => (answer += chunk.toString()));
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
  return { write: (text) => void socket.write(text), received: () => answer, ended };
}
