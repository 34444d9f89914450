import type { QueueServiceClient } from "@azure/storage-queue";
import { oneLine } from "./failure.ts";
import type { FunctionRegistry, RegisteredFunction } from "./functions-core.ts";
import { planRoute, type HttpRoute } from "./router.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";

export interface PlannedTimer {
  readonly called: RegisteredFunction;
  readonly schedule: Schedule;
}

export interface PlannedQueue {
  readonly called: RegisteredFunction;
  readonly queueName: string;
  readonly service: QueueServiceClient;
}

/** What a host runs. Each list is sorted by function name, which is also the matching order. */
export interface Plan {
  readonly functions: readonly RegisteredFunction[];
  readonly routes: readonly HttpRoute[];
  readonly timers: readonly PlannedTimer[];
  readonly queues: readonly PlannedQueue[];
  /** One line for each function with an error, which is not run. */
  readonly faults: readonly string[];
}

export interface PlanOptions {
  readonly routePrefix: string;
  /** The value of a setting, if set. */
  readonly readSetting: (name: string) => string | undefined;
  /**
   * Creates a client for the queue service of a trigger's `connection`, which names a setting. @throws Error if it
   * cannot
   */
  readonly connectQueues: (setting: string) => QueueServiceClient;
}

/**
 * Sorts the registered functions by what the host does with them. As in Azure, a faulty one does not stop the others.
 */
export function planFunctions(registry: FunctionRegistry, options: PlanOptions): Plan {
  const routes: HttpRoute[] = [];
  const timers: PlannedTimer[] = [];
  const queues: PlannedQueue[] = [];
  const functions: RegisteredFunction[] = [];
  const faults: string[] = [];
  for (const called of registry.functions.toSorted(byName)) {
    try {
      checkBindings(called);
      if (isTrigger(called, "httpTrigger")) routes.push(planRoute(called, options.routePrefix, routes));
      else if (isTrigger(called, "timerTrigger")) timers.push(planTimer(called, options));
      else queues.push(planQueue(called, options));
      functions.push(called);
    } catch (error) {
      faults.push(`The function "${called.name}" is in error: ${oneLine(error)}`);
    }
  }
  return { functions, routes, timers, queues, faults };
}

function byName(one: RegisteredFunction, other: RegisteredFunction): number {
  return one.name < other.name ? -1 : 1;
}

/** Whether the function has a trigger of this type. */
export function isTrigger({ trigger }: RegisteredFunction, type: string): boolean {
  return trigger.type.toLowerCase() === type.toLowerCase();
}

const TRIGGERS = ["httpTrigger", "timerTrigger", "queueTrigger"];

function checkBindings(called: RegisteredFunction): void {
  if (!/^[a-z][\w-]{0,127}$/i.test(called.name)) throw new Error("its name is not valid");
  if (!TRIGGERS.some((type) => isTrigger(called, type)))
    throw new Error(`its trigger, ${called.trigger.type}, is not imitated`);
  const others = Object.entries(called.metadata.bindings).filter(([name]) => name !== called.triggerName);
  const foreign = others.find(([, { type }]) => type !== "http");
  if (foreign) throw new Error(`its binding ${foreign[0]}, ${foreign[1].type}, is not imitated`);
}

function planTimer(called: RegisteredFunction, { readSetting }: PlanOptions): PlannedTimer {
  const { schedule } = called.trigger;
  if (typeof schedule !== "string") throw new Error("it has no schedule");
  return { called, schedule: parseSchedule(expand(schedule, readSetting)) };
}

function planQueue(called: RegisteredFunction, { readSetting, connectQueues }: PlanOptions): PlannedQueue {
  const { queueName, connection: setting = "AzureWebJobsStorage" } = called.trigger;
  if (typeof queueName !== "string" || typeof setting !== "string") throw new Error("it names no queue");
  return { called, queueName: expand(queueName, readSetting), service: connectQueues(setting) };
}

/** Replaces `%NAME%` by the setting. */
function expand(text: string, readSetting: PlanOptions["readSetting"]): string {
  return text.replaceAll(/%([^%]+)%/g, (_, name: string) => {
    const value = readSetting(name);
    if (value === undefined) throw new Error(`the setting ${name} is missing`);
    return value;
  });
}
