// npm run bench: figures of the service beside what a bare server makes on the same machine in the same run. On shared
// machines only the ratios mean something.
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "../build.ts";
import { load, requestBytes, type LoadResult, type NextRequest } from "./load.ts";

const seconds = Number(process.env["BENCH_SECONDS"] ?? 5);
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3);
const connections = 10;
const password = "a password of the benchmark";

interface Server {
  readonly port: number;
  stop(): Promise<void>;
}

/** A measured rate: the median of the rounds. */
interface Row {
  readonly name: string;
  readonly rates: number[];
}

async function start(script: string, args: readonly string[], settings: Record<string, string> = {}): Promise<Server> {
  const child = fork(path.join(import.meta.dirname, script), args, {
    env: { ...process.env, ...settings },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [port] = (await once(child, "message")) as [number];
  return { port, stop: () => stop(child) };
}

async function stop(child: ChildProcess): Promise<void> {
  child.disconnect();
  await once(child, "exit");
}

function startService(algorithm: string, folder: string): Promise<Server> {
  return start("server.ts", ["service"], {
    ALGORITHM: algorithm,
    SECRET_KEY: "benchmark-3b1f8d5c7a9e4d2b6f0c8a1e",
    EMBEDDED_DB_FILE: path.join(folder, `${algorithm}.db`),
    AzureWebJobsStorage: "",
  });
}

interface Reply {
  readonly data: { readonly access_token: string; readonly refresh_token: string };
}

async function post(port: number, route: string, body: unknown): Promise<Reply> {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(`http://127.0.0.1:${port}${route}`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  return (await response.json()) as Reply;
}

const credentials = { email: "bench@example.com", password, transport: "body" };

async function signIn(port: number): Promise<Reply["data"]> {
  return (await post(port, "/auth/login", credentials)).data;
}

const always =
  (bytes: Buffer): NextRequest =>
  () =>
    bytes;

/** Refreshes with the token of the last answer, on a device of its own. */
function refreshChain(refreshToken: string): NextRequest {
  let next = refreshToken;
  return (lastBody) => {
    if (lastBody !== undefined) next = (JSON.parse(lastBody) as Reply).data.refresh_token;
    return requestBytes("POST", "/auth/refresh", { body: { refresh_token: next } });
  };
}

async function measure(row: Row, port: number, clients: readonly NextRequest[]): Promise<void> {
  const result: LoadResult = await load(port, seconds, clients);
  if (result.failures > 0) throw new Error(`${row.name}: ${result.failures} answers were not 200`);
  row.rates.push(result.requestsPerSecond);
}

async function measureVerification(row: Row): Promise<void> {
  const child = fork(path.join(import.meta.dirname, "verification.ts"), [String(seconds)], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [rate] = (await once(child, "message")) as [number];
  row.rates.push(rate);
}

const median = ({ rates }: Row): number => rates.toSorted((a, b) => a - b)[Math.floor(rates.length / 2)] ?? 0;

async function measureImport(row: Row): Promise<void> {
  const child = fork(path.join(import.meta.dirname, "imports.ts"), [], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [milliseconds] = (await once(child, "message")) as [number];
  row.rates.push(milliseconds);
}

async function run(folder: string): Promise<void> {
  const row = (name: string): Row => ({ name, rates: [] });
  const bare = row("bare node:http");
  const trivial = row("trivial function");
  const jwks = row("GET /.well-known/jwks.json");
  const me = row("GET /auth/me");
  const refreshRs = row("POST /auth/refresh, RS256");
  const refreshEs = row("POST /auth/refresh, ES256");
  const verification = row("bare verification, 4 at a time");
  const login = row("POST /auth/login, 4 at a time");
  const imports = row("import of all function files, ms");
  const [bareServer, rs, es] = [
    await start("server.ts", ["bare"]),
    await startService("RS256", folder),
    await startService("ES256", folder),
  ];
  for (const { port } of [rs, es])
    await post(port, "/auth/register", { email: credentials.email, username: "Bench", password });
  const devices = async (port: number) => Promise.all(Array.from({ length: connections }, () => signIn(port)));
  const bearer = (await signIn(rs.port)).access_token;
  const all = (bytes: Buffer, count = connections) => Array.from({ length: count }, () => always(bytes));
  for (let round = 1; round <= rounds; round += 1) {
    console.log(`round ${round} of ${rounds}`);
    await measure(bare, bareServer.port, all(requestBytes("GET", "/")));
    await measure(trivial, rs.port, all(requestBytes("GET", "/bench/trivial")));
    await measure(jwks, rs.port, all(requestBytes("GET", "/.well-known/jwks.json")));
    await measure(me, rs.port, all(requestBytes("GET", "/auth/me", { bearer })));
    await measure(
      refreshRs,
      rs.port,
      (await devices(rs.port)).map(({ refresh_token: token }) => refreshChain(token)),
    );
    await measure(
      refreshEs,
      es.port,
      (await devices(es.port)).map(({ refresh_token: token }) => refreshChain(token)),
    );
    await measureVerification(verification);
    await measure(login, rs.port, all(requestBytes("POST", "/auth/login", { body: credentials }), 4));
    await measureImport(imports);
  }
  await Promise.all([bareServer.stop(), rs.stop(), es.stop()]);
  print(
    [bare, trivial, jwks, me, refreshRs, refreshEs, verification, login, imports],
    [
      ["trivial function / bare node:http", trivial, bare, 0.14],
      ["jwks / trivial function", jwks, trivial, undefined],
      ["me / trivial function", me, trivial, 0.5],
      ["refresh RS256 / trivial function", refreshRs, trivial, 0.25],
      ["refresh ES256 / trivial function", refreshEs, trivial, 0.35],
      ["login / bare verification", login, verification, 0.88],
    ],
  );
}

function print(rows: readonly Row[], ratios: readonly (readonly [string, Row, Row, number | undefined])[]): void {
  console.log(`\nNode ${process.version}, ${rounds} rounds of ${seconds} s, medians\n`);
  for (const row of rows)
    console.log(
      `${row.name.padEnd(36)} ${median(row)
        .toFixed(median(row) < 1000 ? 1 : 0)
        .padStart(8)}   (${row.rates.map((rate) => rate.toFixed(0)).join(", ")})`,
    );
  console.log("");
  for (const [name, one, other, goal] of ratios)
    console.log(
      `${name.padEnd(36)} ${(median(one) / median(other)).toFixed(3).padStart(8)}${goal === undefined ? "" : `   goal ${goal}`}`,
    );
}

await build({ root: process.cwd() });
const folder = mkdtempSync(path.join(tmpdir(), "latchkey-bench-"));
try {
  await run(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
