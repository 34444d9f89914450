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

/** How long calls in flight may take to end when the host closes. */
const DRAIN_MS = 10_000;

export interface LocalHostOptions {
  readonly registry: FunctionRegistry;
  readonly hostJson: HostJson;
  /** 0 takes any that is free. */
  readonly port: number;
  /** 127.0.0.1 by default. */
  readonly hostname?: string;
  /** Appends the caller's `address:port` to `X-Forwarded-For`, as Azure's front end does. */
  readonly appendPeer: boolean;
  /** Receives each message that a function logs, and the host's own. */
  readonly log: (line: string) => void;
  /** A connection string for all queue triggers, in place of the settings that they name. */
  readonly queueConnection?: string;
  /** Whether timers run; they do by default. */
  readonly timers?: boolean;
  /** How long clients may take; as long as with Azure's host by default. */
  readonly timeLimits?: Partial<TimeLimits>;
  /** How long a connection may wait for a further request; 5 seconds by default. */
  readonly keepAliveMs?: number;
}

export interface LocalHost {
  readonly url: string;
  readonly port: number;
  /** Those that run, by name. One in error is left out and was logged. */
  readonly functions: readonly RegisteredFunction[];
  /** Takes no more calls and waits for those in flight, 10 seconds at most. */
  readonly close: () => Promise<void>;
}

/**
 * Runs the registered functions as Azure's host does: serves the HTTP triggers, calls timers and queues. Resolves when
 * it listens. @throws Error when the port cannot be had or `host.json` is wrong
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

/** Loads the storage library where a function needs it: that takes longer than all the rest. */
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
