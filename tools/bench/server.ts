// The servers that are measured, each in a process of its own: `bare` is plain node:http, `service` is the built service
// on the local host, with one trivial function beside it. Each says its port, and when asked what processor time it has used.
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { provideFunctionsCore } from "../local-host/functions-core.ts";
import type { HostJson } from "../local-host/host-json.ts";
import { startLocalHost } from "../local-host/host.ts";
import { loadFunctions } from "../local-host/load.ts";
import { cpuMilliseconds } from "./statistics.ts";

const reply = { hello: "world" };

function startBare(): void {
  const body = JSON.stringify(reply);
  const server = createServer((_request, response) => {
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": body.length });
    response.end(body);
  });
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
}

async function startService(): Promise<void> {
  const registry = provideFunctionsCore();
  const { app } = await import("@azure/functions");
  app.http("bench-trivial", {
    methods: ["GET"],
    route: "bench/trivial",
    authLevel: "anonymous",
    handler: async () => ({ jsonBody: reply }),
  });
  await loadFunctions(process.cwd());
  const hostJson = JSON.parse(readFileSync("host.json", "utf8")) as HostJson;
  const log = (line: string) => void process.stdout.write(`${line}\n`);
  const host = await startLocalHost({ registry, hostJson, port: 0, appendPeer: true, timers: false, log });
  process.send?.(host.port);
}

// It never outlives the benchmark that started it.
process.on("disconnect", () => process.exit());
process.on("message", () => process.send?.(cpuMilliseconds()));
if (process.argv[2] === "bare") startBare();
else await startService();
