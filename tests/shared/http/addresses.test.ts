import { describe, expect, test } from "vitest";
import { createAddressAdministration } from "../../../shared/addresses/administration.ts";
import type { Verdict } from "../../../shared/addresses/rules.ts";
import { catalogue } from "../../../shared/http/catalogue.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { startService, withSettings } from "../../support/service.ts";

const behindProxy = { TRUSTED_PROXY_HOPS: "2" };
const service = await startService(behindProxy);
const { api, clock, logLines, services } = service;
const settle = (settings: Record<string, string>) => withSettings(service, { ...behindProxy, ...settings });
const from = (address: string) => ({ headers: { "X-Forwarded-For": address } });
const statusFrom = async (address: string, path = "/") => (await api.get(path, from(address))).status;

describe("18.4 a denied address", () => {
  test("gets 403 at every route and method, known or not, before anything else; only what is exempt is served", async () => {
    settle({ IP_DENYLIST: "203.0.113.0/24" });
    const calls = [
      ...catalogue().map(({ method, route }) => [method, route] as const),
      ["GET", "nowhere"] as const,
      ["DELETE", "auth/login"] as const,
      ["OPTIONS", "auth/login"] as const,
    ];
    for (const [method, route] of calls) {
      const path = `/${route.replace(/^\//, "").replaceAll(/\{\w+\}/g, "x")}`;
      const { status, json } = await api.send(method, path, from("203.0.113.7"));
      const isExempt = path === "/health/live" || path.startsWith("/.well-known/");
      if (isExempt) expect(status, path).not.toBe(403);
      else expect([status, JSON.stringify(json).includes("ot allowed to call")], path).toEqual([403, true]);
    }
    expect((await api.get("/auth/me", from("203.0.113.7"))).json.error_code).toBe("ADDRESS_NOT_ALLOWED");
    expect((await api.get("/auth/me", from("203.0.114.7"))).json.error_code).toBe("UNAUTHENTICATED");
  });

  test("is the one that the trusted proxy names, whatever the caller writes before it", async () => {
    settle({ IP_DENYLIST: "203.0.113.7, 2001:db8::/32" });
    expect(await statusFrom("198.51.100.1, 203.0.113.7:4711")).toBe(403);
    expect(await statusFrom("203.0.113.7, 198.51.100.1")).toBe(200);
    expect(await statusFrom("::ffff:203.0.113.7")).toBe(403);
    expect(await statusFrom("[2001:db8::1]:4711")).toBe(403);
  });

  test("leaves one event for its network in ten minutes, and none of a failed sign-in", async () => {
    settle({ IP_DENYLIST: "203.0.113.0/24, 198.51.100.0/24" });
    logLines.length = 0;
    const tryFrom = async (address: string) =>
      (await api.post("/auth/login", { body: { email: "ada@example.com", password: "x" }, ...from(address) })).status;
    for (const address of ["203.0.113.7", "203.0.113.8", "203.0.113.7", "198.51.100.1"])
      expect(await tryFrom(address)).toBe(403);
    const events = () => logLines.flatMap((line) => /"type":"([^"]+)".*"address":"([^"]+)"/.exec(line)?.slice(1) ?? []);
    expect(events()).toEqual(["address.refused", "203.0.113.7", "address.refused", "198.51.100.1"]);
    clock.advance(600);
    await tryFrom("203.0.113.9");
    expect(events().slice(4)).toEqual(["address.refused", "203.0.113.9"]);
  });
});

describe("18.4 an allowlist", () => {
  test("admits nobody else, and nobody whose address is unknown", async () => {
    settle({ IP_ALLOWLIST: "203.0.113.0/24" });
    expect(await statusFrom("203.0.113.7")).toBe(200);
    expect(await statusFrom("198.51.100.1")).toBe(403);
    expect(await statusFrom("unknown")).toBe(403);
    expect((await api.get("/")).status).toBe(403);
  });

  test("with a denylist, the smaller network decides", async () => {
    settle({ IP_ALLOWLIST: "203.0.113.0/24", IP_DENYLIST: "203.0.113.7,0.0.0.0/0" });
    expect(await statusFrom("203.0.113.8")).toBe(200);
    expect(await statusFrom("203.0.113.7")).toBe(403);
  });
});

test("18.4 an unknown address is on no denylist", async () => {
  settle({ IP_DENYLIST: "0.0.0.0/0,::/0" });
  expect((await api.get("/")).status).toBe(200);
});

test("18.4 IP_LISTS_EXEMPT replaces the paths that every address may call", async () => {
  settle({ IP_DENYLIST: "203.0.113.7", IP_LISTS_EXEMPT: "/Health,/auth/oauth/" });
  expect(await statusFrom("203.0.113.7", "/HEALTH/")).toBe(200);
  expect(await statusFrom("203.0.113.7", "/auth/oauth/providers")).toBe(200);
  expect(await statusFrom("203.0.113.7", "/auth/oauth/../login")).toBe(403);
  expect(await statusFrom("203.0.113.7", "/auth/oauth/%2e%2e/login")).toBe(403);
  expect(await statusFrom("203.0.113.7", "/.well-known/jwks.json")).toBe(403);
  expect(await statusFrom("203.0.113.7", "/health/live")).toBe(200);
});

describe("18.4 a rule of an operator", () => {
  const rules = createAddressAdministration(services.database.queries);
  const put = (network: string, verdict: Verdict, seconds: number) =>
    rules.put({ network, verdict, created_at: clock.now(), expires_at: addSeconds(clock.now(), seconds) });
  /** Of a call that needs the database. */
  const meFrom = (address: string) => statusFrom(address, "/auth/me");
  const untilMe = async (address: string, status: number) => {
    await expect.poll(() => meFrom(address), { timeout: 20_000 }).toBe(status);
  };

  test("is known after 30 seconds, beside the calls, until it ends; an allowed one stands out of a denied network", async () => {
    settle({ IP_DENYLIST: "198.51.100.0/24" });
    expect(await meFrom("203.0.113.7")).toBe(401);
    await put("203.0.113.0/24", "deny", 600);
    await put("198.51.100.7/32", "allow", 120);
    expect([await meFrom("203.0.113.7"), await meFrom("198.51.100.7")]).toEqual([401, 403]);
    clock.advance(30);
    await untilMe("203.0.113.7", 403);
    expect([await meFrom("198.51.100.7"), await meFrom("198.51.100.8")]).toEqual([401, 403]);
    clock.advance(90);
    expect([await meFrom("203.0.113.7"), await meFrom("198.51.100.7")]).toEqual([403, 403]);
    await rules.remove("203.0.113.0/24");
    clock.advance(30);
    await untilMe("203.0.113.7", 401);
  });

  test("counts for paths without a function too, once it is known", async () => {
    settle({});
    await put("203.0.113.0/24", "deny", 600);
    expect(await statusFrom("203.0.113.7", "/nowhere")).toBe(404);
    expect(await meFrom("203.0.113.7")).toBe(403);
    expect(await statusFrom("203.0.113.7", "/nowhere")).toBe(403);
  });
});
