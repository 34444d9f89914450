// npm run bench: figures of the service beside what a bare server makes on the same machine in the same run. On shared
// machines only the ratios mean something. BENCH_SECONDS (5) and BENCH_ROUNDS (3) set how long it takes.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "../build.ts";
import { load, requestBytes, type NextRequest } from "./load.ts";
import { median } from "./median.ts";
import { runOnce, startServer, type Server } from "./processes.ts";

const seconds = Number(process.env["BENCH_SECONDS"] ?? 5);
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3);
const connections = 10;
const credentials = { email: "bench@example.com", password: "a password of the benchmark", transport: "body" };

interface Reply {
  readonly data: { readonly access_token: string; readonly refresh_token: string };
}

/** Takes one figure, in a round. */
type Measurement = () => Promise<number>;

async function post(server: Server, route: string, body: unknown): Promise<Reply["data"]> {
  const headers = { "Content-Type": "application/json" };
  const url = `http://127.0.0.1:${server.port}${route}`;
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return ((await response.json()) as Reply).data;
}

async function startService(algorithm: string, folder: string): Promise<Server> {
  const server = await startServer("server.ts", ["service"], {
    ALGORITHM: algorithm,
    SECRET_KEY: "benchmark-3b1f8d5c7a9e4d2b6f0c8a1e",
    EMBEDDED_DB_FILE: path.join(folder, `${algorithm}.db`),
    AzureWebJobsStorage: "",
  });
  await post(server, "/auth/register", { email: credentials.email, username: "Bench", password: credentials.password });
  return server;
}

/** Requests per second with the same request on every connection. */
function rate(server: Server, request: Buffer, options: { connections?: number; status?: number } = {}): Measurement {
  const clients = Array.from({ length: options.connections ?? connections }, (): NextRequest => () => request);
  return () => measured(server, clients, options.status ?? 200);
}

/** Refreshes per second: a signed-in device on each connection, which refreshes with the token of its last answer. */
function refreshRate(server: Server): Measurement {
  return async () => {
    const devices = await Promise.all(
      Array.from({ length: connections }, () => post(server, "/auth/login", credentials)),
    );
    return measured(server, devices.map(refreshChain), 200);
  };
}

function refreshChain({ refresh_token: first }: Reply["data"]): NextRequest {
  return (lastBody) => {
    const token = lastBody === undefined ? first : (JSON.parse(lastBody) as Reply).data.refresh_token;
    return requestBytes("POST", "/auth/refresh", { body: { refresh_token: token } });
  };
}

async function measured(server: Server, clients: readonly NextRequest[], status: number): Promise<number> {
  return (await load({ port: server.port, seconds, clients, status })).answersPerSecond;
}

function loginRequest(changes: object = {}): Buffer {
  return requestBytes("POST", "/auth/login", { body: { ...credentials, ...changes } });
}

async function measurements(bare: Server, rs: Server, es: Server): Promise<Record<string, Measurement>> {
  const bearer = (await post(rs, "/auth/login", credentials)).access_token;
  const four = { connections: 4 };
  return {
    "bare node:http": rate(bare, requestBytes("GET", "/")),
    "trivial function": rate(rs, requestBytes("GET", "/bench/trivial")),
    "GET jwks": rate(rs, requestBytes("GET", "/.well-known/jwks.json")),
    "GET me": rate(rs, requestBytes("GET", "/auth/me", { bearer })),
    "refresh RS256": refreshRate(rs),
    "refresh ES256": refreshRate(es),
    "bare verification": () => runOnce("verification.ts", [String(seconds)]),
    login: rate(rs, loginRequest(), four),
    "login, wrong password": rate(rs, loginRequest({ password: "another" }), { ...four, status: 401 }),
    "login, unknown address": rate(rs, loginRequest({ email: "no@example.com" }), { ...four, status: 401 }),
    "import, milliseconds": () => runOnce("imports.ts", []),
  };
}

/** What is compared, and the least that it must reach. */
const ratios: readonly (readonly [string, string, string])[] = [
  ["trivial function", "bare node:http", "at least 0.14"],
  ["GET jwks", "trivial function", "at least 0.8"],
  ["GET me", "trivial function", "at least 0.5, aim 0.6"],
  ["refresh RS256", "trivial function", "at least 0.25"],
  ["refresh ES256", "trivial function", "aim 0.35"],
  ["login", "bare verification", "at least 0.88"],
  ["login, unknown address", "login, wrong password", "1: the same work"],
];

function report(figures: ReadonlyMap<string, number[]>): void {
  const show = (value: number) => (value < 1000 ? value.toFixed(1) : value.toFixed(0));
  console.log(`\nNode ${process.version}, medians of ${rounds} rounds of ${seconds} s, per second`);
  for (const [name, list] of figures)
    console.log(`${name.padEnd(24)} ${show(median(list)).padStart(8)}   ${list.map(show).join(" ")}`);
  console.log("\nratios, medians of the rounds");
  for (const [one, other, goal] of ratios) {
    const others = figures.get(other) ?? [];
    const list = (figures.get(one) ?? []).map((value, round) => value / (others[round] ?? Number.NaN));
    console.log(`${`${one} / ${other}`.padEnd(48)} ${median(list).toFixed(3)}   ${goal}`);
  }
}

async function run(folder: string): Promise<void> {
  const bare = await startServer("server.ts", ["bare"], {});
  const [rs, es] = [await startService("RS256", folder), await startService("ES256", folder)];
  const all = Object.entries(await measurements(bare, rs, es));
  const figures = new Map(all.map(([name]): [string, number[]] => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    console.log(`round ${round} of ${rounds}`);
    for (const [name, measure] of all) figures.get(name)?.push(await measure());
  }
  await Promise.all([bare, rs, es].map((server) => server.stop()));
  report(figures);
}

await build({ root: process.cwd() });
const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
try {
  await run(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
