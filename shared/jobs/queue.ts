import { app, type InvocationContext } from "@azure/functions";
import type { CallContext } from "../context.ts";
import { withinInvocation, type LogFields, type LogLevel } from "../platform/log.ts";
import { carryOutJob } from "./carry-out.ts";

export interface QueueSpec {
  /** The function's name. */
  readonly name: string;
  /** The queue, in the storage account of `AzureWebJobsStorage`. */
  readonly queue: string;
  /** Whether it waits for the database before it runs; true unless given. */
  readonly usesDatabase?: boolean;
  /** Does the work of one message. @returns what to log */
  readonly run: (call: QueueCall) => Promise<LogFields>;
}

export interface QueueCall {
  readonly context: CallContext;
  /** The message: text, or what its JSON says. */
  readonly entry: unknown;
  /** Whether this message was delivered before, and that call failed or died. */
  readonly isRepeated: boolean;
}

/**
 * Declares a function that is called with each message of a queue. If it fails, the message comes again, five times in
 * all (`maxDequeueCount` in host.json), and then goes to the queue `<queue>-poison`. Declaring reads no settings and
 * opens nothing.
 */
export function queueFunction({ name, queue, usesDatabase = true, run }: QueueSpec): void {
  app.storageQueue(name, {
    queueName: queue,
    connection: "AzureWebJobsStorage",
    handler: (entry: unknown, context: InvocationContext): Promise<void> => {
      const write = (level: LogLevel, line: string) => context[level](line);
      const isRepeated = Number(context.triggerMetadata?.["dequeueCount"] ?? 1) > 1;
      return withinInvocation({ requestId: context.invocationId, functionName: name, write }, () =>
        carryOutJob((call) => run({ ...call, entry, isRepeated }), { usesDatabase }),
      );
    },
  });
}
