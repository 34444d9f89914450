import { constants, generateKeyPairSync, privateEncrypt, randomBytes, type KeyObject } from "node:crypto";
import { once } from "node:events";
import http from "node:http";
import https from "node:https";
import type { AddressInfo } from "node:net";
import tls from "node:tls";
import { afterAll, vi } from "vitest";
import { selfSigned } from "../../tools/self-signed.ts";

interface Version {
  readonly version: string;
  readonly privateKey: KeyObject;
  readonly jwk: Record<string, unknown>;
  enabled: boolean;
  created: number;
  updated: number;
  tags: Record<string, string>;
}

/** An imitation of Azure Key Vault's REST API with one key, on this machine, and of the platform's identity endpoint. */
export interface FakeVault {
  /** The address of the key. */
  readonly keyId: string;
  /** What was asked for, as `METHOD path`; the challenge's first knock is left out. */
  readonly asked: string[];
  readonly versions: Version[];
  /** The bodies of the calls that sign. */
  readonly signed: { alg: string; value: string }[];
  /** What every call is answered with, instead of what it asks for; `silent` is no answer at all. */
  fault: number | "silent" | undefined;
  /** Adds a version, as the vault's own rotation policy does. */
  addVersion(kind?: "RSA" | "EC"): Version;
}

const digestInfo = Buffer.from("3031300d060960864801650304020105000420", "hex");
const bearer = "vault-canary-token";

/** @param seconds the present, as the vault sees it */
export async function startFakeVault(seconds: () => number): Promise<FakeVault> {
  const own = selfSigned();
  tls.setDefaultCACertificates([...tls.getCACertificates(), own.cert]);
  const vault: FakeVault = {
    keyId: "",
    asked: [],
    versions: [],
    signed: [],
    fault: undefined,
    addVersion(kind = "RSA") {
      const { publicKey, privateKey } =
        kind === "RSA"
          ? generateKeyPairSync("rsa", { modulusLength: 2048 })
          : generateKeyPairSync("ec", { namedCurve: "P-256" });
      const times = { created: seconds(), updated: seconds() };
      const jwk = publicKey.export({ format: "jwk" }) as Record<string, unknown>;
      const added = { version: randomBytes(16).toString("hex"), privateKey, jwk, enabled: true, ...times, tags: {} };
      vault.versions.push(added);
      return added;
    },
  };
  const server = https.createServer(own, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString() || "{}") : {};
    const send = (status: number, value: unknown, headers = {}) =>
      response.writeHead(status, { "Content-Type": "application/json", ...headers }).end(JSON.stringify(value));
    if (request.headers.authorization !== `Bearer ${bearer}`) {
      const challenge = `Bearer authorization="https://login.microsoftonline.com/tenant", resource="${origin}"`;
      send(401, {}, { "WWW-Authenticate": challenge });
      return;
    }
    const path = new URL(request.url ?? "", origin).pathname;
    vault.asked.push(`${request.method} ${path}`);
    if (vault.fault === "silent") return;
    if (vault.fault !== undefined) {
      send(vault.fault, { error: { code: "Fault", message: "a fault of the test" } });
      return;
    }
    const answer = route(vault, `${request.method} ${path.replace("/keys/latchkey", "")}`, { body, now: seconds() });
    if (answer === undefined) send(404, { error: { code: "KeyNotFound", message: "no such key" } });
    else send(200, answer);
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  const origin = `https://localhost:${(server.address() as AddressInfo).port}`;
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  await startIdentity();
  return Object.assign(vault, { keyId: `${origin}/keys/latchkey` });
}

interface Asked {
  readonly body: { alg?: string; value?: string; attributes?: { enabled?: boolean }; tags?: Record<string, string> };
  readonly now: number;
}

function route(vault: FakeVault, call: string, { body, now }: Asked): unknown {
  const base = "https://localhost/keys/latchkey";
  const attributes = ({ enabled, created, updated }: Version) => ({ enabled, created, updated });
  const bundle = (one: Version) => ({
    key: { kid: `${base}/${one.version}`, key_ops: ["sign", "verify"], ...one.jwk },
    attributes: attributes(one),
    tags: one.tags,
  });
  if (call === "GET /versions") {
    const value = vault.versions.map((one) => ({
      kid: `${base}/${one.version}`,
      attributes: attributes(one),
      tags: one.tags,
    }));
    return { value };
  }
  if (call === "POST /rotate") {
    const last = vault.versions.at(-1);
    return last && bundle(vault.addVersion(last.jwk["kty"] === "EC" ? "EC" : "RSA"));
  }
  const [, method, version, action] = /^(\w+) \/([\da-f]{32})(\/sign)?\/?$/.exec(call) ?? [];
  const one = vault.versions.find((candidate) => candidate.version === version);
  if (!one) return undefined;
  if (method === "PATCH") {
    one.enabled = body.attributes?.enabled ?? one.enabled;
    one.tags = body.tags ?? one.tags;
    one.updated = now;
  }
  if (action === undefined) return bundle(one);
  vault.signed.push({ alg: body.alg ?? "", value: body.value ?? "" });
  return { kid: `${base}/${one.version}`, value: signature(one, body.value ?? "").toString("base64url") };
}

/** PKCS #1 v1.5 of a digest; for EC, which Node cannot sign a digest with, 64 bytes that can be recognised. */
function signature({ privateKey, jwk }: Version, digest: string): Buffer {
  if (jwk["kty"] === "EC") return Buffer.alloc(64, 7);
  const input = Buffer.concat([digestInfo, Buffer.from(digest, "base64url")]);
  return privateEncrypt({ key: privateKey, padding: constants.RSA_PKCS1_PADDING }, input);
}

/** What the platform offers an app with a managed identity. */
async function startIdentity(): Promise<void> {
  const endpoint = http.createServer((_request, response) => {
    const expiresOn = String(Math.floor(Date.now() / 1000) + 86_400);
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ access_token: bearer, expires_on: expiresOn, token_type: "Bearer" }));
  });
  endpoint.listen(0, "127.0.0.1");
  await once(endpoint, "listening");
  afterAll(() => endpoint.close());
  vi.stubEnv("IDENTITY_ENDPOINT", `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}/msi/token`);
  vi.stubEnv("IDENTITY_HEADER", "header");
  afterAll(() => vi.unstubAllEnvs());
}
