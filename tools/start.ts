// npm start, and with --watch npm run dev: runs the app in the current folder as Azure would; with --root, a package.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { exemptLoopback } from "../shared/platform/no-proxy.ts";
import { isBuilt } from "./build-stamp.ts";
import { build, describeBuildFailure } from "./build.ts";
import { startQueueEmulator } from "./local-host/azurite.ts";
import { describeHost } from "./local-host/banner.ts";
import { watchSources } from "./local-host/changes.ts";
import { oneLine } from "./local-host/failure.ts";
import { provideFunctionsCore } from "./local-host/functions-core.ts";
import { startLocalHost, type LocalHostOptions } from "./local-host/host.ts";
import { loadFunctions } from "./local-host/load.ts";
import { checkPort } from "./local-host/port.ts";
import { loadHostJson, loadSettings, takePort, type Environment } from "./local-host/settings.ts";
import { onStopSignal } from "./local-host/signals.ts";

/** What was started, in order; it is stopped in reverse. */
type Cleanups = (() => Promise<void>)[];

/** Starts the app and serves it until a signal ends the process. @throws Error whose message says what to do */
async function start(root: string, cleanups: Cleanups): Promise<void> {
  const port = await readSettings(root, process.env);
  const hostJson = loadHostJson(root);
  const notes = await prepareApp(root);
  const registry = provideFunctionsCore();
  const loading = buildApp(root).then(() => loadFunctions(root));
  await Promise.all([loading, startQueue(process.env["AzureWebJobsStorage"], cleanups)]);
  await serve({ registry, hostJson, port, notes }, cleanups);
}

/**
 * Serves the output of `npm run package`: settings come from the environment; nothing else is built, migrated or
 * started. @throws Error whose message says what to do
 */
async function startPackage(root: string, cleanups: Cleanups): Promise<void> {
  const hostJson = loadHostJson(root);
  const port = takePort(process.env);
  await checkPort(port);
  const registry = provideFunctionsCore();
  await loadFunctions(root);
  await serve({ registry, hostJson, port, notes: [] }, cleanups);
}

interface LoadedApp extends Pick<LocalHostOptions, "registry" | "hostJson" | "port"> {
  /** To print once it serves. */
  readonly notes: readonly string[];
}

async function serve({ notes, ...app }: LoadedApp, cleanups: Cleanups): Promise<void> {
  const host = await startLocalHost({ ...app, appendPeer: true, log: console.log });
  cleanups.push(host.close);
  console.log([...describeHost(host, app.hostJson, process.env), ...notes].join("\n"));
}

/** Loads the settings into the environment and returns the port, which is free. */
async function readSettings(root: string, environment: Environment): Promise<number> {
  const { port, isFileNew } = loadSettings(root, environment);
  if (isFileNew) console.log("Created local.settings.json with a new SECRET_KEY.");
  await checkPort(port);
  return port;
}

/** Runs the app's `tools/prepare.ts`, if it has one, before the build. @returns what it wants printed */
async function prepareApp(root: string): Promise<readonly string[]> {
  const file = path.join(root, "tools/prepare.ts");
  if (!existsSync(file)) return [];
  const { prepare }: { prepare: () => Promise<string[] | undefined> } = await import(pathToFileURL(file).href);
  return (await prepare()) ?? [];
}

async function startQueue(connection: string | undefined, cleanups: Cleanups): Promise<void> {
  const starting = startQueueEmulator(connection);
  // Registered first, so that even a signal during startup stops it.
  cleanups.push(async () => (await starting)?.stop());
  await starting;
}

async function buildApp(root: string): Promise<void> {
  try {
    if (!(await isBuilt(root))) await build({ root });
  } catch (cause) {
    throw new Error(`The build failed: ${describeBuildFailure(cause)}`, { cause });
  }
}

/** Runs the app in its own process, which is replaced whenever its sources change and build. */
async function watch(root: string, cleanups: Cleanups): Promise<void> {
  // The child reads the settings itself each time, so they must not be in its environment.
  const settings = { ...process.env };
  await readSettings(root, settings);
  await startQueue(settings["AzureWebJobsStorage"], cleanups);
  let child: ChildProcess | undefined;
  let isStopping = false;
  const replace = async (): Promise<void> => {
    try {
      await buildApp(root);
    } catch (error) {
      return console.error(oneLine(error));
    }
    await stopChild(child);
    if (!isStopping) child = spawn(process.execPath, [import.meta.filename], { cwd: root, stdio: "inherit" });
  };
  let replacing = replace();
  cleanups.push(async () => {
    isStopping = true;
    await replacing;
    await stopChild(child);
  });
  watchSources(root, () => (replacing = replacing.then(replace)));
}

async function stopChild(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

async function main(): Promise<void> {
  // Before any client is created: the host's queue clients exist before the service reads its settings.
  exemptLoopback(process.env);
  const cleanups: Cleanups = [];
  const cleanUp = async (): Promise<void> => {
    // Whatever failed to start needs no stopping.
    for (const cleanup of cleanups.toReversed()) await cleanup().catch(() => undefined);
  };
  const fail = async (message: string | undefined): Promise<void> => {
    console.error(message);
    await cleanUp();
    process.exit(1);
  };
  onStopSignal(cleanUp);
  // Thrown by the app outside any call: its state is unknown.
  process.once("uncaughtException", (error) => void fail(error.stack));
  await run(process.argv.slice(2), cleanups).catch((error: unknown) => fail(oneLine(error)));
}

async function run(words: string[], cleanups: Cleanups): Promise<void> {
  const { watch: isWatching, root } = readWords(words);
  if (root !== undefined) return startPackage(path.resolve(root), cleanups);
  return (isWatching ? watch : start)(process.cwd(), cleanups);
}

function readWords(args: string[]): { readonly watch?: boolean; readonly root?: string } {
  try {
    const { values } = parseArgs({ args, options: { watch: { type: "boolean" }, root: { type: "string" } } });
    if (!(values.watch && values.root !== undefined) && values.root !== "") return values;
  } catch {
    // Whatever is wrong with the arguments, the usage says what is right.
  }
  throw new Error("usage: npm start [-- --root DIR] | npm run dev");
}

if (import.meta.main) await main();
