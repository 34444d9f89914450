import { spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { answers } from "./port.ts";

const START_MS = 10_000;
const STOP_MS = 2_000;

/** One of Azurite's services, in a process of its own. */
export interface Emulator {
  /** Stops it; resolves when its process has ended. What it had is lost. */
  readonly stop: () => Promise<void>;
}

/**
 * Starts Azurite's queue service if the connection string points at local development storage and nothing answers
 * there; resolves with `undefined` otherwise. Queued messages are lost when it stops.
 * @throws Error if it does not start
 */
export async function startQueueEmulator(connection: string | undefined): Promise<Emulator | undefined> {
  const endpoint = localQueueEndpoint(connection);
  if (!endpoint || (await answers(endpoint.port, endpoint.hostname))) return undefined;
  return startEmulator("queue", endpoint);
}

/** Starts one of Azurite's services there. @throws Error if it does not start */
export async function startEmulator(
  service: "queue" | "blob",
  { hostname, port }: { readonly hostname: string; readonly port: number },
): Promise<Emulator> {
  const flags = ["--inMemoryPersistence", "--silent", "--skipApiVersionCheck", "--disableTelemetry"];
  const place = [`--${service}Host`, hostname, `--${service}Port`, String(port)];
  // In its own process group: a Ctrl-C must not end it before the functions that use it.
  const child = spawn(process.execPath, [program(service), ...flags, ...place], { stdio: "ignore", detached: true });
  const ended = once(child, "exit");
  const emulator = {
    async stop() {
      child.kill("SIGTERM");
      const impatience = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
      await ended;
      clearTimeout(impatience);
    },
  };
  for (let waited = 0; waited < START_MS && child.exitCode === null; waited += 50) {
    if (await answers(port, hostname)) return emulator;
    await sleep(50);
  }
  await emulator.stop();
  throw new Error(`Azurite's ${service} did not start on port ${port}.`);
}

/** The queue endpoint in a connection string, if it is on this machine. */
export function localQueueEndpoint(connection = ""): { readonly hostname: string; readonly port: number } | undefined {
  if (/(?:^|;)UseDevelopmentStorage=true(?:;|$)/i.test(connection)) return { hostname: "127.0.0.1", port: 10_001 };
  const [, endpoint = ""] = /(?:^|;)QueueEndpoint=([^;]+)/i.exec(connection) ?? [];
  if (!/^http:\/\/(?:127\.0\.0\.1|localhost)(?::\d+)?(?:\/|$)/i.test(endpoint)) return undefined;
  const { hostname, port } = new URL(endpoint);
  return { hostname, port: Number(port || 80) };
}

function program(service: string): string {
  const manifest = createRequire(import.meta.url).resolve("azurite/package.json");
  return path.join(path.dirname(manifest), `dist/src/${service}/main.js`);
}
