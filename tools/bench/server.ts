// The servers to measure, each in its own process: `bare` is plain node:http, `service` is the built service on the
// local host, plus one trivial function. Each reports its port, and on request its CPU time.
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

// Exits together with the benchmark that started it.
process.on("disconnect", () => process.exit());
process.on("message", () => process.send?.(cpuMilliseconds()));
if (process.argv[2] === "bare") startBare();
else await startService();
