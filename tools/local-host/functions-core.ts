import { registerHooks } from "node:module";
import type {
  Binding,
  FunctionHandler,
  FunctionMetadata,
  HookCallback,
  HookName,
  ProgrammingModel,
} from "./core-types.ts";

const MODULE = "@azure/functions-core";
const MODULE_URL = "local-host:functions-core";

// The module's source finds the object under this key. It also keeps the registry unique in the process, however often
// this file is evaluated (a test runner does so per test file).
const KEY = "local-host:functions-core";

/** A function registered with `app.http`, `app.timer`, `app.storageQueue` … */
export interface RegisteredFunction {
  readonly name: string;
  readonly metadata: FunctionMetadata;
  readonly handler: FunctionHandler;
  readonly triggerName: string;
  readonly trigger: Binding;
}

/** What the imported function files have registered so far; grows with every further import. */
export interface FunctionRegistry {
  readonly functions: readonly RegisteredFunction[];
  readonly hooks: Readonly<Record<HookName, readonly HookCallback[]>>;
  /** How to call functions, set by `@azure/functions`. As in Azure, the copy that was loaded last serves all. */
  readonly programmingModel: ProgrammingModel | undefined;
}

interface Provided {
  readonly registry: FunctionRegistry;
  readonly api: object;
}

/**
 * Makes `require("@azure/functions-core")` work in this process, as Azure's Node worker does, and returns the registry
 * that functions are added to. Call it before `@azure/functions` is first imported, because the library looks for the
 * module only once. Further calls return the same registry.
 */
export function provideFunctionsCore(): FunctionRegistry {
  const shared = globalThis as { [KEY]?: Provided };
  shared[KEY] ??= install();
  return shared[KEY].registry;
}

function install(): Provided {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === MODULE ? { url: MODULE_URL, format: "commonjs", shortCircuit: true } : next(specifier, context),
    load: (url, context, next) =>
      url === MODULE_URL
        ? {
            format: "commonjs",
            source: `module.exports = globalThis[${JSON.stringify(KEY)}].api;`,
            shortCircuit: true,
          }
        : next(url, context),
  });
  return createCore();
}

function createCore(): Provided {
  const functions: RegisteredFunction[] = [];
  const hooks: Record<HookName, HookCallback[]> = {
    appStart: [],
    appTerminate: [],
    preInvocation: [],
    postInvocation: [],
    log: [],
  };
  const registry = { functions, hooks, programmingModel: undefined as ProgrammingModel | undefined };
  const api = {
    setProgrammingModel: (model: ProgrammingModel) => void (registry.programmingModel = model),
    getProgrammingModel: () => registry.programmingModel,
    registerFunction(metadata: FunctionMetadata, handler: FunctionHandler) {
      if (functions.some(({ name }) => name === metadata.name)) {
        throw new Error(`A function with the name "${metadata.name}" has already been registered.`);
      }
      return add(functions, { name: metadata.name, metadata, handler, ...findTrigger(metadata) });
    },
    registerHook: (name: HookName, callback: HookCallback) => add(hooks[name], callback),
    // The library's own messages are for Azure's engineers, and of no use to developers.
    log: () => undefined,
  };
  return { registry, api };
}

function findTrigger({ name, bindings }: FunctionMetadata): Pick<RegisteredFunction, "triggerName" | "trigger"> {
  for (const [triggerName, trigger] of Object.entries(bindings)) {
    if (/trigger$/i.test(trigger.type)) return { triggerName, trigger };
  }
  throw new Error(`The function "${name}" has no trigger.`);
}

function add<Item>(list: Item[], item: Item): { dispose(): void } {
  list.push(item);
  return { dispose: () => void list.splice(list.indexOf(item), 1) };
}
