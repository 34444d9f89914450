// What the benchmarks of mail need: a mail server, a queue, and a service that can be killed.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { SMTPServer } from "smtp-server";
import { azuriteConnection } from "../../tests/local-host/azurite-connection.ts";
import { findFreePort } from "../free-port.ts";
import { startQueueEmulator } from "../local-host/azurite.ts";

export const password = "a password of the benchmark";

export interface MailServer {
  readonly port: number;
  /** How often each mail was taken, by the id of its row. */
  readonly taken: ReadonlyMap<string, number>;
  readonly close: () => Promise<void>;
}

/** A mail server that takes one mail after the other. @param milliseconds how long it takes for each */
export async function openMailServer(milliseconds: number): Promise<MailServer> {
  const taken = new Map<string, number>();
  let free = performance.now();
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    maxClients: 1000,
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const [, id = ""] = /^Message-ID: <([\da-f-]{36})@/im.exec(Buffer.concat(chunks).toString("latin1")) ?? [];
        free = Math.max(free, performance.now()) + milliseconds;
        setTimeout(() => {
          taken.set(id, (taken.get(id) ?? 0) + 1);
          done();
        }, free - performance.now());
      });
    },
  });
  // A client that was killed.
  server.on("error", () => undefined);
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  return { port, taken, close: () => new Promise((resolve) => server.close(resolve)) };
}

export interface Ground {
  readonly settings: Readonly<Record<string, string>>;
  readonly file: string;
  readonly close: () => Promise<void>;
}

/** A queue of its own, and the settings of a service that sends to a mail server. */
export async function prepareGround(folder: string, name: string, smtpPort: number): Promise<Ground> {
  const connection = azuriteConnection(await findFreePort());
  const emulator = await startQueueEmulator(connection);
  const file = path.join(folder, `${name}.db`);
  const settings = {
    SECRET_KEY: "benchmark-3b1f8d5c7a9e4d2b6f0c8a1e",
    EMBEDDED_DB_FILE: file,
    AzureWebJobsStorage: connection,
    MAIL_PROVIDER: "smtp",
    MAIL_FROM: "latchkey@example.com",
    SMTP_HOST: "127.0.0.1",
    SMTP_PORT: String(smtpPort),
    SMTP_TLS: "none",
    RATE_LIMITS: "off",
  };
  return { settings, file, close: async () => emulator?.stop() };
}

export interface RunningService {
  readonly url: string;
  readonly child: ChildProcess;
}

/** Starts the built service. What it logs is thrown away. */
export async function startBuilt(settings: Readonly<Record<string, string>>): Promise<RunningService> {
  const child = fork("tools/bench/server.ts", ["service"], {
    env: { ...process.env, ...settings },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [port] = (await once(child, "message")) as [number];
  return { url: `http://127.0.0.1:${port}`, child };
}

/** Ends it at once, as a crash does. */
export async function kill({ child }: RunningService): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

export function postJson(url: string, body: object): Promise<Response> {
  const headers = { "content-type": "application/json" };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal: AbortSignal.timeout(20_000) });
}
