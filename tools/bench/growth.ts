// npm run bench:growth: compares how long a login and a refresh take with 1,000,000 people and their 5,000,000 refresh
// tokens and with 1,000 people, on the embedded engine, in the same run. GROWTH_PEOPLE, BENCH_SECONDS (5) and
// BENCH_ROUNDS (5) set the amount. It takes some minutes, and 2 GB in the temporary folder, which it deletes.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "../build.ts";
import { emailOf, fill, password, tokensPerSession, unusedTokenOf } from "./fill.ts";
import { load, requestBytes, type LoadResult, type NextRequest } from "./load.ts";
import { median } from "./statistics.ts";
import { startServer, type Server } from "./processes.ts";

const seconds = Number(process.env["BENCH_SECONDS"] ?? 5);
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 5);
const [few, many] = [1000, Number(process.env["GROWTH_PEOPLE"] ?? 1_000_000)];
const goal = 1.15;

interface Filled {
  readonly people: number;
  readonly server: Server;
  /** The next refresh token of each person whose first one is used. */
  readonly tokens: Map<number, string>;
}

async function open(folder: string, people: number): Promise<Filled> {
  const file = path.join(folder, `${people}.db`);
  const startedAt = performance.now();
  await fill(file, people);
  const size = `${Math.round(statSync(file).size / 2 ** 20)} MiB`;
  const took = `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
  console.log(`${people} people, ${people * tokensPerSession} refresh tokens: ${size}, filled in ${took}`);
  const server = await startServer("server.ts", ["service"], {
    SECRET_KEY: "benchmark-3b1f8d5c7a9e4d2b6f0c8a1e",
    EMBEDDED_DB_FILE: file,
    AzureWebJobsStorage: "",
  });
  return { people, server, tokens: new Map() };
}

/** A random person, from those that only this connection uses. */
function somebody(people: number, connection: number, connections: number): number {
  return Math.floor((Math.random() * people) / connections) * connections + connection;
}

/** Each connection refreshes for one random person after another. */
function refreshing({ people, tokens }: Filled, connections: number): NextRequest[] {
  return Array.from({ length: connections }, (_, connection): NextRequest => {
    let person = 0;
    return (lastBody) => {
      if (lastBody !== undefined) tokens.set(person, newToken(lastBody));
      person = somebody(people, connection, connections);
      const token = tokens.get(person) ?? unusedTokenOf(person);
      return requestBytes("POST", "/auth/refresh", { body: { refresh_token: token } });
    };
  });
}

function newToken(body: string): string {
  return (JSON.parse(body) as { data: { refresh_token: string } }).data.refresh_token;
}

function loggingIn({ people }: Filled, connections: number): NextRequest[] {
  return Array.from({ length: connections }, (_, connection): NextRequest => () => {
    const email = emailOf(somebody(people, connection, connections));
    return requestBytes("POST", "/auth/login", { body: { email, password, transport: "body" } });
  });
}

const measurements = {
  refresh: (filled: Filled) => measure(filled, refreshing(filled, 10)),
  "refresh, one at a time": (filled: Filled) => measure(filled, refreshing(filled, 1)),
  login: (filled: Filled) => measure(filled, loggingIn(filled, 4)),
  "login, one at a time": (filled: Filled) => measure(filled, loggingIn(filled, 1)),
};

function measure({ server }: Filled, clients: readonly NextRequest[]): Promise<LoadResult> {
  return load({ port: server.port, seconds, clients, status: 200 });
}

interface Ratios {
  /** The ratio of the times per answer. */
  readonly time: number[];
  /** The ratio of the answers per second. */
  readonly rate: number[];
}

/** Compares round by round, after a warm-up round. */
async function compare(name: keyof typeof measurements, one: Filled, other: Filled): Promise<Ratios> {
  const ratios: Ratios = { time: [], rate: [] };
  for (let round = 0; round <= rounds; round += 1) {
    // Alternates the order, so that neither gains from it.
    const order = round % 2 === 0 ? [one, other] : [other, one];
    const results = new Map<Filled, LoadResult>();
    for (const filled of order) results.set(filled, await measurements[name](filled));
    const [small, large] = [results.get(one), results.get(other)];
    if (!small || !large || round === 0) continue;
    ratios.time.push(large.medianMilliseconds / small.medianMilliseconds);
    ratios.rate.push(small.answersPerSecond / large.answersPerSecond);
    console.log(`${name}: ${show(small)} with ${few} people, ${show(large)} with ${many}`);
  }
  return ratios;
}

const show = ({ answersPerSecond, medianMilliseconds }: LoadResult) =>
  `${answersPerSecond.toFixed(0)} per second, ${medianMilliseconds.toFixed(2)} ms`;

async function run(folder: string): Promise<void> {
  const [one, other] = [await open(folder, few), await open(folder, many)];
  const figures: [string, Ratios][] = [];
  for (const name of Object.keys(measurements) as (keyof typeof measurements)[])
    figures.push([name, await compare(name, one, other)]);
  await Promise.all([one, other].map(({ server }) => server.stop()));
  console.log(`\n${many} people compared with ${few}, goal at most ${goal}; medians of ${rounds} rounds`);
  for (const [name, { time, rate }] of figures) {
    const all = (ratios: readonly number[]) =>
      `${median(ratios).toFixed(3)} (${ratios.map((ratio) => ratio.toFixed(2)).join(" ")})`;
    if (median(time) > goal) process.exitCode = 1;
    console.log(`${name.padEnd(24)} time per answer ${all(time)}, throughput ${all(rate)}`);
  }
}

await build({ root: process.cwd() });
const folder = mkdtempSync(path.join(tmpdir(), "latchkey-growth-"));
try {
  await run(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
