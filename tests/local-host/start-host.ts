import { onTestFinished } from "vitest";
import { provideFunctionsCore } from "../../tools/local-host/functions-core.ts";
import { startLocalHost, type LocalHost, type LocalHostOptions } from "../../tools/local-host/host.ts";

export interface TestHost extends LocalHost {
  /** What functions and host have logged so far. */
  readonly lines: string[];
}

const hostJson = { extensions: { http: { routePrefix: "" } } };

/** Starts a host for the functions and hooks that `register` registers, until the test ends. */
export async function startHost(register: () => void, options: Partial<LocalHostOptions> = {}): Promise<TestHost> {
  const all = provideFunctionsCore();
  const before = all.functions.length;
  register();
  const registry = { ...all, functions: all.functions.slice(before) };
  const lines: string[] = [];
  const log = (line: string): void => void lines.push(line);
  const host = await startLocalHost({ registry, hostJson, port: 0, appendPeer: false, log, ...options });
  onTestFinished(() => host.close());
  return { ...host, lines };
}
