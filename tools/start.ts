// npm start and, with --watch, npm run dev: runs the app in the current folder as Azure would.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { isBuilt } from "./build-stamp.ts";
import { build, describeBuildFailure } from "./build.ts";
import { startQueueEmulator } from "./local-host/azurite.ts";
import { describeHost } from "./local-host/banner.ts";
import { watchSources } from "./local-host/changes.ts";
import { oneLine } from "./local-host/failure.ts";
import { provideFunctionsCore } from "./local-host/functions-core.ts";
import { startLocalHost } from "./local-host/host.ts";
import { loadFunctions } from "./local-host/load.ts";
import { checkPort } from "./local-host/port.ts";
import { loadHostJson, loadSettings, type Environment } from "./local-host/settings.ts";
import { onStopSignal } from "./local-host/signals.ts";

/** What was started, in that order; it is stopped in the reverse one. */
type Cleanups = (() => Promise<void>)[];

/** Brings the app up and serves it until a signal ends the process. @throws Error whose message says what to do */
async function start(root: string, cleanups: Cleanups): Promise<void> {
  const port = await readSettings(root, process.env);
  const hostJson = loadHostJson(root);
  const notes = await prepareApp(root);
  const registry = provideFunctionsCore();
  const loading = buildApp(root).then(() => loadFunctions(root));
  await Promise.all([loading, startQueue(process.env["AzureWebJobsStorage"], cleanups)]);
  const host = await startLocalHost({ registry, hostJson, port, appendPeer: true, log: console.log });
  cleanups.push(host.close);
  console.log([...describeHost(host, hostJson), ...notes].join("\n"));
}

/** Loads the settings into the environment and returns the port, which is free. */
async function readSettings(root: string, environment: Environment): Promise<number> {
  const { port, isFileNew } = loadSettings(root, environment);
  if (isFileNew) console.log("Made local.settings.json, with a SECRET_KEY of its own.");
  await checkPort(port);
  return port;
}

/** Does what `tools/prepare.ts` of the app wants done before it is built, if it has that file. @returns what it wants told */
async function prepareApp(root: string): Promise<readonly string[]> {
  const file = path.join(root, "tools/prepare.ts");
  if (!existsSync(file)) return [];
  const { prepare }: { prepare: () => Promise<string[] | undefined> } = await import(pathToFileURL(file).href);
  return (await prepare()) ?? [];
}

async function startQueue(connection: string | undefined, cleanups: Cleanups): Promise<void> {
  const starting = startQueueEmulator(connection);
  // Even a signal that comes while it starts finds it here.
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

/** Runs the app in a process of its own, which a change of its sources replaces when they build. */
async function watch(root: string, cleanups: Cleanups): Promise<void> {
  // The child reads the settings itself, each time anew: they must not reach it as environment from here.
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
  const cleanups: Cleanups = [];
  const cleanUp = async (): Promise<void> => {
    // What failed to start has nothing to stop.
    for (const cleanup of cleanups.toReversed()) await cleanup().catch(() => undefined);
  };
  const fail = async (message: string | undefined): Promise<void> => {
    console.error(message);
    await cleanUp();
    process.exit(1);
  };
  onStopSignal(cleanUp);
  // Thrown by the app outside any call: there is no telling what state it is in.
  process.once("uncaughtException", (error) => void fail(error.stack));
  const run = process.argv.includes("--watch") ? watch : start;
  await run(process.cwd(), cleanups).catch((error: unknown) => fail(oneLine(error)));
}

if (import.meta.main) await main();
