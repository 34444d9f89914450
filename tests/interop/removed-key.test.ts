// How long others accept a key that was removed, with the code of docs/tokens.md and with their defaults.
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test, vi } from "vitest";
import { toEpochSeconds } from "../../shared/platform/clock.ts";
import { hasDotnet } from "../../tools/dotnet.ts";
import { findFreePort } from "../../tools/free-port.ts";
import { clientToken, newClient } from "../support/clients.ts";
import { createForge } from "../support/forge.ts";
import { temporaryFolder } from "../support/folder.ts";
import { forgeries } from "../support/forgeries.ts";
import { startService } from "../support/service.ts";
import { buildJwtBearer, startJwtBearer } from "../support/verifiers/jwt-bearer.ts";

const isThere = hasDotnet();
if (!isThere) console.log("ASP.NET Core was not tried: it needs the .NET SDK 10 (dotnet).");

const port = await findFreePort();
const issuer = `http://127.0.0.1:${port}`;
const service = await startService({ PORT: `${port}`, ISSUER: issuer, ACCESS_TOKEN_EXPIRE_MINUTES: "60" });
const { services, clock } = service;
// Others' libraries read the machine's own clock.
clock.catchUp();
const forge = await createForge(service);
const program = isThere ? buildJwtBearer() : "";
const start = (how: "documented" | "defaults") => startJwtBearer(program, { how, issuer, now: clock.now() });

/** Of the machine's own clock, by which the library judges expiry. */
const secondsAgo = (seconds: number) => toEpochSeconds(new Date()) - seconds;

/** A token of a thief who has the key that signs now: it does not expire for as long as the tests look. */
const stolen = async () => (await createForge(service)).own({ exp: forge.issuedAt + 1e7 });

/** What HTTP takes away before anybody sees it. */
const isTrimmed = (token: string) => token.trim() !== token;

describe.skipIf(!isThere)("15.10 ASP.NET Core, as docs/tokens.md shows it,", { timeout: 300_000 }, () => {
  test("takes our tokens, refuses every forged one, and forgives a minute", async () => {
    const server = await start("documented");
    const fresh = await createForge(service);
    const own = await newClient(service, "");
    for (const token of [fresh.genuine, await clientToken(service.api, own)])
      expect(await server.statusOf(token)).toBe(200);
    const table = Object.entries(await forgeries(fresh, service));
    const accepted: string[] = [];
    for (const [what, token] of table)
      if (!isTrimmed(await token) && (await server.statusOf(await token)) !== 401) accepted.push(what);
    expect(table.length).toBeGreaterThan(60);
    expect(accepted).toEqual([]);
    expect(await server.statusOf(await fresh.own({ exp: secondsAgo(30) }))).toBe(200);
    expect(await server.statusOf(await fresh.own({ exp: secondsAgo(70) }))).toBe(401);
  });

  test("takes a token of a new key within a minute", async () => {
    const server = await start("documented");
    expect(await server.statusOf(await stolen())).toBe(200);
    await services.tokens.rotation?.rotateNow(clock.now());
    await pass(61, server);
    expect(await server.statusOf((await createForge(service)).genuine)).toBe(200);
  });

  test("refuses a removed key within three minutes, although nobody has called meanwhile", async () => {
    const server = await start("documented");
    const token = await stolen();
    expect(await server.statusOf(token)).toBe(200);
    await revokeCurrent();
    expect(await server.statusOf(token), "it keeps the keys").toBe(200);
    // The service's instances know it after 30 seconds at the most; the server asks every two minutes.
    await pass(31, server);
    await pass(120, server);
    await expect.poll(() => server.statusOf(token)).toBe(401);
    expect(await server.statusOf((await createForge(service)).genuine)).toBe(200);
  });
});

describe.skipIf(!isThere)("15.10 ASP.NET Core with an Authority alone,", { timeout: 300_000 }, () => {
  test("accepts a removed key for 12 hours, in the first call after them, and for another hour", async () => {
    const server = await start("defaults");
    const token = await stolen();
    expect(await server.statusOf(token)).toBe(200);
    await revokeCurrent();
    await pass(31, server);
    await pass(12 * 3600 - 60, server);
    expect(await server.statusOf(token), "12 hours").toBe(200);
    // 12 hours, and up to 5 % more.
    await pass(3600, server);
    expect(await server.statusOf(token), "the first call").toBe(200);
    await expect.poll(async () => server.statusOf((await createForge(service)).genuine)).toBe(200);
    expect(await server.statusOf(token), "the keys are new, the old ones are tried too").toBe(200);
  });

  test("takes what is no access token, and forgives five minutes", async () => {
    const server = await start("defaults");
    const fresh = await createForge(service);
    expect(await server.statusOf(await fresh.own({}, { typ: "statuslist+jwt" }))).toBe(200);
    expect(await server.statusOf(await fresh.own({ exp: secondsAgo(200) }))).toBe(200);
  });
});

describe("15.10 jose, as docs/tokens.md shows it,", () => {
  /** The lines of the page, as a module that verifies with one key set. */
  async function documentedVerifier(): Promise<(token: string) => Promise<object>> {
    const page = readFileSync("docs/tokens.md", "utf8");
    const [, imported = "", keys = "", rest = ""] =
      /```js\n(import .+ from "jose";)\n\n(const keys .+;)\n([^`]+)```/.exec(page) ?? [];
    const module = path.join(temporaryFolder(), "verifier.mjs");
    const settings = `const [issuer, audience] = ["${issuer}", "${issuer}"];`;
    const code = [imported.replace('"jose"', JSON.stringify(import.meta.resolve("jose"))), settings, keys];
    const verify = `export async function verify(token) {\n${rest}return payload;\n}\n`;
    writeFileSync(module, [...code, verify].join("\n"));
    return ((await import(module)) as { verify: (token: string) => Promise<object> }).verify;
  }

  test("takes ours, and refuses a removed key within five minutes", async () => {
    const ask = await documentedVerifier();
    const token = await stolen();
    expect(await ask(token)).toMatchObject({ client_id: "web" });
    await revokeCurrent();
    clock.advance(31);
    expect(await ask(token), "it keeps the keys").toMatchObject({ client_id: "web" });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 4 * 60_000 });
    try {
      await expect(ask(token)).rejects.toThrow("no applicable key");
      expect(await ask((await createForge(service)).genuine)).toMatchObject({ client_id: "web" });
      const fresh = await createForge(service);
      await expect(ask(await fresh.own({}, { typ: "JWT" }))).rejects.toThrow(/"typ"/);
    } finally {
      vi.useRealTimers();
    }
  });
});

/** Lets time pass, for the service and for the server. */
async function pass(seconds: number, server: { advance: (seconds: number) => Promise<void> }): Promise<void> {
  clock.advance(seconds);
  await server.advance(seconds);
}

/** Takes away the key that signs; the service's instances know it within 30 seconds. */
async function revokeCurrent(): Promise<void> {
  const { kid = "" } = await services.tokens.keys.current(clock.now());
  await services.tokens.rotation?.revoke(kid, clock.now());
}
