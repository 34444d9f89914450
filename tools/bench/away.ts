// npm run bench:away: measures how long calls take, and how many messages they send, with a database that is 2 ms away.
// The database is the tests' scripted server, which waits AWAY_MILLISECONDS (2) each way. Further built checkouts can
// be given as arguments: `npm run bench:away -- ../before` measures them next to this one, in turn. AWAY_ROUNDS (30) is
// the number of calls of each kind.
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { applyMigrations } from "../../shared/platform/database/embedded-migrations.ts";
import { readMigrations } from "../../shared/platform/database/migrations.ts";
import { systemClock } from "../../shared/platform/clock.ts";
import { openTdsServer, type TdsServer } from "../../tests/support/tds/server.ts";
import { createSqliteSession } from "../../tests/support/tds/sqlite.ts";
import { build } from "../build.ts";
import { median } from "./statistics.ts";

const away = Number(process.env["AWAY_MILLISECONDS"] ?? 2);
const rounds = Number(process.env["AWAY_ROUNDS"] ?? 30);
const password = "a password of the benchmark";

interface Tokens {
  readonly access_token: string;
  readonly refresh_token: string;
}

/** A service with its own database. */
interface Place {
  readonly folder: string;
  readonly database: TdsServer;
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** Starts the built service of a checkout on a database with delay. */
async function open(checkout: string, file: string): Promise<Place> {
  const tables = new DatabaseSync(file);
  applyMigrations(tables, readMigrations("sql"), systemClock.now());
  tables.close();
  const database = await openTdsServer({ request: (_request, run) => sleep(2 * away).then(run) }, () =>
    createSqliteSession(file),
  );
  const settings = {
    SECRET_KEY: "benchmark-3b1f8d5c7a9e4d2b6f0c8a1e",
    DB_SERVER: "127.0.0.1",
    DB_PORT: String(database.port),
    DB_DATABASE: "latchkey",
    DB_USERNAME: "latchkey",
    DB_PASSWORD: "bench",
    AzureWebJobsStorage: "",
    RATE_LIMITS: "off",
  };
  const script = path.join(checkout, "tools/bench/server.ts");
  const child = fork(script, ["service"], {
    cwd: checkout,
    env: { ...process.env, ...settings },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const [port] = (await once(child, "message")) as [number];
  const stop = async () => {
    child.disconnect();
    await once(child, "exit");
    await database.shut();
  };
  return { folder: checkout, database, url: `http://127.0.0.1:${port}`, stop };
}

async function call(url: string, body: unknown, bearer?: string): Promise<Tokens> {
  const response = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    headers: {
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { data: Tokens }).data;
}

interface Figure {
  readonly milliseconds: number[];
  readonly messages: number[];
}

/** One call of each kind, one after the other. */
async function measureRound({ url, database }: Place, email: string, figures: Map<string, Figure>): Promise<void> {
  const time = async (name: string, work: () => Promise<Tokens>): Promise<Tokens> => {
    const [before, startedAt] = [database.requests.length, performance.now()];
    const tokens = await work();
    const figure = figures.get(name) ?? { milliseconds: [], messages: [] };
    figure.milliseconds.push(performance.now() - startedAt);
    figure.messages.push(database.requests.length - before);
    figures.set(name, figure);
    return tokens;
  };
  const credentials = { email, password, transport: "body" };
  await time("register", () => call(`${url}/auth/register`, { email, username: "Bench", password }));
  const { access_token: bearer, refresh_token: token } = await time("login", () =>
    call(`${url}/auth/login`, credentials),
  );
  await time("me", () => call(`${url}/auth/me`, undefined, bearer));
  const next = await time("refresh", () => call(`${url}/auth/refresh`, { refresh_token: token }));
  await time("logout, bearer", () => call(`${url}/auth/logout`, {}, bearer));
  const other = await call(`${url}/auth/login`, credentials);
  await time("logout, token", () => call(`${url}/auth/logout`, { refresh_token: other.refresh_token }));
  const both = await call(`${url}/auth/login`, credentials);
  const body = { refresh_token: both.refresh_token };
  await time("logout, bearer and token", () => call(`${url}/auth/logout`, body, both.access_token));
  if (next.refresh_token === token) throw new Error("a refresh gave the same token");
}

const folder = mkdtempSync(path.join(tmpdir(), "latchkey-away-"));
try {
  await build({ root: process.cwd() });
  const checkouts = [...process.argv.slice(2).map((name) => path.resolve(name)), process.cwd()];
  const places = await Promise.all(checkouts.map((checkout, at) => open(checkout, path.join(folder, `${at}.db`))));
  const figures = places.map(() => new Map<string, Figure>());
  for (let round = 0; round < rounds; round += 1)
    for (const [at, place] of places.entries()) {
      const known = figures[at] ?? new Map<string, Figure>();
      await measureRound(place, `bench${round}@example.com`, known);
      // The first calls also connect and read the keys.
      if (round === 0) known.clear();
    }
  for (const [at, { folder: checkout }] of places.entries()) {
    console.log(`\n${checkout}: medians of ${rounds - 1} calls, the database ${away} ms away`);
    for (const [name, { milliseconds, messages }] of figures[at] ?? [])
      console.log(`${name.padEnd(28)}${median(messages)} messages  ${median(milliseconds).toFixed(1)} ms`);
  }
  await Promise.all(places.map(({ stop }) => stop()));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
