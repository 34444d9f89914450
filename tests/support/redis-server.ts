import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "../../tools/free-port.ts";
import { selfSigned } from "../../tools/self-signed.ts";
import { temporaryFolder } from "./folder.ts";
import { whenDone } from "./when-done.ts";

/** Whether Debian's redis-server is installed. */
export const hasRedis = isInstalled();
if (!hasRedis) console.log("The tests on Redis were not run: redis-server is not installed.");

function isInstalled(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A Redis server of a test, on loopback and without any file but its certificate. */
export interface TestRedis {
  readonly port: number;
  /** The certificate, of a server that speaks TLS. */
  readonly ca: string | undefined;
  /** Sends one command, as an operator. @returns the first bytes of the answer */
  command(...words: string[]): Promise<string>;
  /** Stops its process, without ending it: it takes connections and answers nothing. */
  pause(): void;
  resume(): void;
  stop(): Promise<void>;
  /** Starts it again on its port, with nothing in it. */
  restart(): Promise<void>;
}

/** Starts a server; it is ended when the tests of the file are done. */
export async function startRedis({ isTls = false } = {}): Promise<TestRedis> {
  const [port, tlsPort] = [await findFreePort(), await findFreePort()];
  const folder = temporaryFolder();
  const certificate = isTls ? selfSigned() : undefined;
  const files = Object.entries(certificate ?? {}).map(([name, text]) => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return [name, file];
  });
  const { cert = "", key = "" } = Object.fromEntries(files) as Record<string, string>;
  const plain = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"];
  const tls = [
    "--tls-port",
    String(tlsPort),
    "--tls-cert-file",
    cert,
    "--tls-key-file",
    key,
    "--tls-auth-clients",
    "no",
  ];
  const start = async () => {
    const child = spawn("redis-server", isTls ? [...plain, ...tls] : plain, { stdio: "ignore" });
    while (!(await answers(port))) await sleep(20);
    return child;
  };
  let server = await start();
  const stop = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill("SIGKILL");
    await once(server, "exit");
  };
  whenDone(stop);
  return {
    port: isTls ? tlsPort : port,
    ca: certificate?.cert,
    command: (...command) => ask(port, command),
    pause: () => server.kill("SIGSTOP"),
    resume: () => server.kill("SIGCONT"),
    stop,
    async restart() {
      server = await start();
    },
  };
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await ask(port, ["PING"])).startsWith("+PONG");
  } catch {
    return false;
  }
}

/** Speaks the protocol itself, so that what is tested is not tested with itself. */
async function ask(port: number, words: readonly string[]): Promise<string> {
  const socket = net.connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    socket.write(`*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join("")}`);
    const [answer] = (await once(socket, "data")) as [Buffer];
    return answer.toString();
  } finally {
    socket.destroy();
  }
}
