import { once } from "node:events";
import { globSync, readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import path from "node:path";
import tls from "node:tls";
import { createClientAdministration } from "../../shared/clients/administration.ts";
import { hashClientSecret } from "../../shared/clients/client.ts";
import { loadConfig } from "../../shared/config.ts";
import { newId, randomToken } from "../../shared/platform/crypto/random.ts";
import { createServices, provideServices, type Services } from "../../shared/services.ts";
import { provideFunctionsCore } from "../local-host/functions-core.ts";
import type { HostJson } from "../local-host/host-json.ts";
import { startLocalHost } from "../local-host/host.ts";
import { selfSigned } from "../self-signed.ts";

/** The service on https, as others reach it, and the calls of its users. */
export interface InteropService {
  readonly issuer: string;
  /** Its certificate as PEM. */
  readonly certificate: string;
  readonly services: Services;
  /** Replaces this instance by another on the same database. */
  restart(): Promise<void>;
  signIn(): Promise<{ accessToken: string; refreshToken: string }>;
  logout(accessToken: string): Promise<void>;
  /** Creates a client. @returns its id and secret */
  makeClient(scope: string): Promise<{ id: string; secret: string }>;
  clientToken(client: { id: string; secret: string }): Promise<string>;
  stop(): Promise<void>;
}

/** Starts the service on loopback behind a TLS front end, with its database in `folder`. */
export async function startInteropService(folder: string): Promise<InteropService> {
  const registry = provideFunctionsCore();
  const hostJson = JSON.parse(readFileSync("host.json", "utf8")) as HostJson;
  const own = selfSigned();
  tls.setDefaultCACertificates([...tls.getCACertificates(), own.cert]);
  let target = 0;
  const frontEnd = https.createServer(own, (request, response) => {
    const { method, url, headers } = request;
    const onward = http.request({ host: "127.0.0.1", port: target, method, path: url, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    request.pipe(onward);
  });
  frontEnd.listen(0, "localhost");
  await once(frontEnd, "listening");
  const issuer = `https://localhost:${(frontEnd.address() as AddressInfo).port}`;
  const settings = {
    ISSUER: issuer,
    SECRET_KEY: randomToken(),
    EMBEDDED_DB_FILE: path.join(folder, "latchkey.db"),
    RATE_LIMITS: "off",
  };
  let services = createServices(loadConfig(settings));
  provideServices(services);
  for (const file of globSync("functions/**/*.ts").toSorted()) await import(path.resolve(file));
  const log = () => undefined;
  const host = await startLocalHost({ registry, hostJson, port: 0, appendPeer: true, timers: false, log });
  target = host.port;
  return {
    issuer,
    certificate: own.cert,
    get services() {
      return services;
    },
    async restart() {
      await services.close();
      services = createServices(loadConfig(settings));
      provideServices(services);
    },
    ...callsOf(issuer, () => services),
    async stop() {
      frontEnd.closeAllConnections();
      frontEnd.close();
      await host.close();
      await services.close();
    },
  };
}

type Answer = { data: { access_token: string; refresh_token: string }; access_token: string };

function callsOf(issuer: string, services: () => Services) {
  const post = async (route: string, body: string | object, headers: Record<string, string> = {}) => {
    const type = typeof body === "string" ? "application/x-www-form-urlencoded" : "application/json";
    const response = await fetch(issuer + route, {
      method: "POST",
      headers: { "Content-Type": type, ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${route} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  };
  let people = 0;
  return {
    async signIn() {
      people += 1;
      const credentials = { email: `person${people}@example.com`, password: "correct horse battery" };
      await post("/auth/register", { ...credentials, username: "Ada" });
      const { data } = await post("/auth/login", { ...credentials, transport: "body" });
      return { accessToken: data.access_token, refreshToken: data.refresh_token };
    },
    async logout(accessToken: string) {
      await post("/auth/logout", {}, { Authorization: `Bearer ${accessToken}` });
    },
    async makeClient(scope: string) {
      const { clock, database } = services();
      const [now, secret] = [clock.now(), randomToken()];
      const client = { id: newId(now), name: "interop", scope, created_at: now };
      await createClientAdministration(database.queries).create({ ...client, secret_hash: hashClientSecret(secret) });
      return { id: client.id, secret };
    },
    async clientToken({ id, secret }: { id: string; secret: string }) {
      const Authorization = `Basic ${Buffer.from(`${id}:${secret}`).toString("base64")}`;
      return (await post("/oauth/token", "grant_type=client_credentials", { Authorization })).access_token;
    },
  };
}
