import path from "node:path";
import { load, requestBytes, type NextRequest } from "./load.ts";
import { runOnce, startServer, type Server } from "./processes.ts";

/** The result of one measurement in one round. Times are milliseconds. */
export interface Figures {
  readonly perSecond?: number;
  readonly p50?: number;
  readonly p99?: number;
  /** CPU time of the server per answer, on all of its threads. */
  readonly cpu: number;
}

/** Measures for one round. */
export type Measurement = () => Promise<Figures>;

export interface Surroundings {
  /** How long each measurement takes. */
  readonly seconds: number;
  /** Where to put the databases. */
  readonly folder: string;
  /** The app of just packages: see `makeImportFloor`. */
  readonly floor: string;
}

const connections = 10;
const password = "a password of the benchmark";
/** Logins are spread over this many people, so that nobody reaches the limit of sessions. */
const people = 60;
const emailOf = (person: number) => `bench${person}@example.com`;
const credentialsOf = (person: number) => ({ email: emailOf(person), password, transport: "body" });

interface Reply {
  readonly data: { readonly access_token: string; readonly refresh_token: string };
}

export interface Bench {
  /** In the order of measuring: what is compared comes one after the other. */
  readonly measurements: Readonly<Record<string, Measurement>>;
  readonly stop: () => Promise<void>;
}

/** Starts the servers and defines the measurements. */
export async function startBench({ seconds, folder, floor }: Surroundings): Promise<Bench> {
  const bare = await startServer("server.ts", ["bare"], {});
  const [rs, es] = [await startService("RS256", folder), await startService("ES256", folder)];
  const measure = async (server: Server, clients: readonly NextRequest[], status = 200): Promise<Figures> => {
    const cpuBefore = await server.cpuMilliseconds();
    const loaded = await load({ port: server.port, seconds, clients, status });
    const cpu = ((await server.cpuMilliseconds()) - cpuBefore) / loaded.answers;
    return { perSecond: loaded.answersPerSecond, p50: loaded.medianMilliseconds, p99: loaded.p99Milliseconds, cpu };
  };
  /** The same request on every connection. */
  const same =
    (server: Server, makeRequest: () => Buffer | Promise<Buffer>): Measurement =>
    async () => {
      const request = await makeRequest();
      return measure(
        server,
        Array<NextRequest>(connections).fill(() => request),
      );
    };
  /** On each connection, a device that has just signed in refreshes with the token from its last answer. */
  const refreshes =
    (server: Server): Measurement =>
    async () =>
      measure(server, (await signInDevices(server)).map(refreshChain));
  const login = (changes: object, status?: number): Measurement => {
    let person = 0;
    const next: NextRequest = () => loginRequest({ ...credentialsOf((person += 1) % people), ...changes });
    return () => measure(rs, Array<NextRequest>(connections).fill(next), status);
  };
  const get = (route: string) => () => requestBytes("GET", route);
  const bearer = async () => (await post(rs, "/auth/login", credentialsOf(0))).access_token;
  return {
    measurements: {
      "bare node:http": same(bare, get("/")),
      "trivial function": same(rs, get("/bench/trivial")),
      "GET jwks": same(rs, get("/.well-known/jwks.json")),
      "GET me": same(rs, async () => requestBytes("GET", "/auth/me", { bearer: await bearer() })),
      "refresh RS256": refreshes(rs),
      "refresh ES256": refreshes(es),
      "bare verification and RS256": once("bare-login.ts", [seconds, connections].map(String)),
      login: login({}),
      "login, wrong password": login({ password: "another" }, 401),
      "login, unknown address": login({ email: "no@example.com" }, 401),
      "import of all functions": once("imports.ts", [process.cwd()]),
      "import of their packages": once("imports.ts", [floor]),
    },
    stop: async () => void (await Promise.all([bare, rs, es].map((server) => server.stop()))),
  };
}

function once(script: string, args: readonly string[]): Measurement {
  return () => runOnce<Figures>(script, args);
}

async function startService(algorithm: string, folder: string): Promise<Server> {
  const server = await startServer("server.ts", ["service"], {
    ALGORITHM: algorithm,
    SECRET_KEY: "benchmark-3b1f8d5c7a9e4d2b6f0c8a1e",
    EMBEDDED_DB_FILE: path.join(folder, `${algorithm}.db`),
    AzureWebJobsStorage: "",
  });
  for (let person = 0; person < people; person += 1)
    await post(server, "/auth/register", { email: emailOf(person), username: "Bench", password });
  return server;
}

async function post(server: Server, route: string, body: unknown): Promise<Reply["data"]> {
  const headers = { "Content-Type": "application/json" };
  const url = `http://127.0.0.1:${server.port}${route}`;
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return ((await response.json()) as Reply).data;
}

function signInDevices(server: Server): Promise<Reply["data"][]> {
  return Promise.all(
    Array.from({ length: connections }, (_, person) => post(server, "/auth/login", credentialsOf(person))),
  );
}

function refreshChain({ refresh_token: first }: Reply["data"]): NextRequest {
  return (lastBody) => {
    const token = lastBody === undefined ? first : (JSON.parse(lastBody) as Reply).data.refresh_token;
    return requestBytes("POST", "/auth/refresh", { body: { refresh_token: token } });
  };
}

function loginRequest(credentials: object): Buffer {
  return requestBytes("POST", "/auth/login", { body: credentials });
}
