import { randomUUID } from "node:crypto";
import type { CoreInvocationContext, HookName, InvocationResponse, TriggerData } from "./core-types.ts";
import type { FunctionRegistry, RegisteredFunction } from "./functions-core.ts";

export type Invoke = (called: RegisteredFunction, data: TriggerData) => Promise<InvocationResponse>;

/** The levels that Azure logs unless `host.json` says otherwise. */
const KEPT_LEVELS = new Set(["information", "warning", "error", "critical"]);

/**
 * Returns a function that runs one invocation as Azure's worker does: `@azure/functions` makes the arguments, calls the
 * handler and converts its result; registered hooks run around the call. It rejects with what the handler or a
 * conversion threw. Messages logged during the invocation go to `log`.
 */
export function createInvoke(registry: FunctionRegistry, log: (line: string) => void): Invoke {
  const writeLog: CoreInvocationContext["log"] = (level, category, message) => {
    // Of the library's own messages, only warnings matter to developers: "log called after the function ended".
    if (category === "system" && level !== "warning") return;
    const entry = { level, category, message };
    for (const hook of registry.hooks.log) hook(entry);
    if (KEPT_LEVELS.has(entry.level)) log(entry.message);
  };

  return async (called, data) => {
    const model = registry.programmingModel;
    if (!model) throw new Error("@azure/functions was imported before provideFunctionsCore() was called");
    const core = createContext(called, data, writeLog);
    const invocation = model.getInvocationModel(core);
    const { context, inputs } = await invocation.getArguments();
    const shared = { hookData: {}, invocationContext: context };

    core.state = "preInvocationHooks";
    const before = { ...shared, inputs, functionCallback: called.handler };
    await runHooks(registry, "preInvocation", before);

    core.state = "invocation";
    const after = {
      ...shared,
      inputs: before.inputs,
      result: null as unknown,
      error: null as unknown,
    };
    try {
      after.result = await invocation.invokeFunction(context, before.inputs, before.functionCallback);
    } catch (error) {
      after.error = error instanceof Error ? error : new Error(String(error));
    }

    core.state = "postInvocationHooks";
    await runHooks(registry, "postInvocation", after);
    core.state = undefined;
    if (after.error) throw after.error;
    return invocation.getResponse(context, after.result);
  };
}

/** Runs the hooks with this name one after another, each with the same context, which it may change. */
export async function runHooks(registry: FunctionRegistry, name: HookName, context: object): Promise<void> {
  for (const hook of registry.hooks[name]) await hook(context);
}

function createContext(
  called: RegisteredFunction,
  { data, metadata }: TriggerData,
  log: CoreInvocationContext["log"],
): CoreInvocationContext {
  const invocationId = randomUUID();
  const inputData = [{ name: called.triggerName, data }];
  const request = { invocationId, inputData, ...(metadata && { triggerMetadata: metadata }) };
  return { invocationId, metadata: called.metadata, request, state: undefined, log };
}
