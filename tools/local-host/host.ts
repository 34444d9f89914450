import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Connections } from "./connections.ts";
import type { FunctionRegistry, RegisteredFunction } from "./functions-core.ts";
import { routePrefix, type HostJson } from "./host-json.ts";
import { createHttpServer } from "./http.ts";
import { createInvoke, runHooks } from "./invoke.ts";
import type { Job, JobHost } from "./job.ts";
import { isTrigger, planFunctions, type PlanOptions } from "./plan.ts";
import { KESTREL_LIMITS, type TimeLimits } from "./time-limits.ts";
import { startQueue } from "./queue.ts";
import { readQueueSettings } from "./queue-settings.ts";
import { startTimer } from "./timer.ts";

/** How long calls in flight may take when the host closes. */
const DRAIN_MS = 10_000;

export interface LocalHostOptions {
  readonly registry: FunctionRegistry;
  readonly hostJson: HostJson;
  /** 0 for any free port. */
  readonly port: number;
  /** 127.0.0.1 by default. */
  readonly hostname?: string;
  /** Appends the caller's `address:port` to `X-Forwarded-For`, as Azure's front end does. */
  readonly appendPeer: boolean;
  /** Receives each message that a function logs, and the host's own messages. */
  readonly log: (line: string) => void;
  /** A connection string for all queue triggers, instead of the settings that they name. */
  readonly queueConnection?: string;
  /** Whether timers run; true by default. */
  readonly timers?: boolean;
  /** How long clients may take; by default, as long as Azure's host allows. */
  readonly timeLimits?: Partial<TimeLimits>;
  /** How long a connection may stay idle; 5 seconds by default. */
  readonly keepAliveMs?: number;
}

export interface LocalHost {
  readonly url: string;
  readonly port: number;
  /** The running functions, by name. One with an error is left out and was logged. */
  readonly functions: readonly RegisteredFunction[];
  /** Accepts no more calls and waits for those in flight, at most 10 seconds. */
  readonly close: () => Promise<void>;
}

/**
 * Runs the registered functions as Azure's host does: serves HTTP triggers, calls timers and queues. Resolves when it
 * is listening. @throws Error if the port is not available or `host.json` is wrong
 */
export async function startLocalHost(options: LocalHostOptions): Promise<LocalHost> {
  const { registry, hostJson, log, hostname = "127.0.0.1" } = options;
  const plan = planFunctions(registry, {
    routePrefix: routePrefix(hostJson),
    readSetting,
    connectQueues: await loadQueueService(registry, options.queueConnection),
  });
  const queueSettings = readQueueSettings(hostJson.extensions?.queues);
  for (const fault of plan.faults) log(fault);
  const host: JobHost = { invoke: createInvoke(registry, log), log };
  const timeLimits = { ...KESTREL_LIMITS, ...options.timeLimits };
  const { server, connections } = createHttpServer({
    ...host,
    routes: plan.routes,
    appendPeer: options.appendPeer,
    timeLimits,
    keepAliveMs: options.keepAliveMs,
  });
  await runHooks(registry, "appStart", { hookData: {} });
  server.listen(options.port, hostname);
  await once(server, "listening");
  const timers = options.timers === false ? [] : plan.timers.map((timer) => startTimer(timer, host));
  const queues = plan.queues.map((queue) => startQueue({ ...queue, settings: queueSettings, host }));
  const { port } = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`,
    port,
    functions: plan.functions,
    close: () => (closing ??= drain({ registry, server, connections, jobs: [...timers, ...queues] })),
  };
}

function readSetting(name: string): string | undefined {
  return process.env[name];
}

/** Loads the storage library only if a function needs it, because that takes longer than everything else. */
async function loadQueueService(
  registry: FunctionRegistry,
  connection: string | undefined,
): Promise<PlanOptions["connectQueues"]> {
  const isNeeded = registry.functions.some((called) => isTrigger(called, "queueTrigger"));
  const library = isNeeded ? await import("@azure/storage-queue") : undefined;
  return (setting) => {
    const text = connection ?? readSetting(setting);
    if (!library || !text) throw new Error(`the setting ${setting}, a connection string, is missing`);
    return library.QueueServiceClient.fromConnectionString(text, { retryOptions: { maxTries: 1 } });
  };
}

interface Running {
  readonly registry: FunctionRegistry;
  readonly server: Server;
  readonly connections: Connections;
  readonly jobs: readonly Job[];
}

async function drain({ registry, server, connections, jobs }: Running): Promise<void> {
  const closed = once(server, "close");
  server.close();
  connections.closeWaiting();
  const patience = new AbortController();
  const drained = Promise.all([closed, ...jobs.map((job) => job.close())]);
  await Promise.race([drained, sleep(DRAIN_MS, undefined, { signal: patience.signal }).catch(() => undefined)]);
  patience.abort();
  server.closeAllConnections();
  await runHooks(registry, "appTerminate", { hookData: {} });
}
