// Runs before each test file: registers functions in this process, notes the statements that the service sends, keeps tests
// on this machine, and puts back what a file has altered.
import net from "node:net";
import { afterAll, expect, inject, vi } from "vitest";
import { exemptLoopback } from "../../shared/platform/no-proxy.ts";
import { provideFunctionsCore } from "../../tools/local-host/functions-core.ts";
import { keepKeys } from "./kept-keys.ts";
import { keepRecording, startRecording } from "./statements.ts";
import { beginFile } from "./when-done.ts";

beginFile();
provideFunctionsCore();
exemptLoopback(process.env);

startRecording();
keepKeys();
// On the embedded engine what is sent has both forms.
if (inject("engine") === "embedded") {
  const testFile = expect.getState().testPath ?? "";
  // At once, too: after a file whose tests are all skipped nothing is called.
  await keepRecording(testFile);
  afterAll(() => keepRecording(testFile));
}

process.env["NODE_COMPILE_CACHE"] = process.env["LATCHKEY_COMPILED"];

// A process may run several files, one after the other.
const environment = { ...process.env };
afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  for (const name of Object.keys(process.env)) if (!(name in environment)) delete process.env[name];
  Object.assign(process.env, environment);
});

const { connect } = net.Socket.prototype;
if (connect.name !== "refuseDistance")
  net.Socket.prototype.connect = function refuseDistance(this: net.Socket, ...args: unknown[]) {
    const [first] = (Array.isArray(args[0]) ? args[0] : args) as [{ host?: string } | undefined];
    const host = typeof first === "object" ? first.host : undefined;
    const isLocal = host === undefined || host === "localhost" || host === "::1" || host.startsWith("127.");
    if (!isLocal && host !== process.env["TEST_DB_SERVER"]) throw new Error(`tests may not reach ${host}`);
    return Reflect.apply(connect, this, args);
  };
