// When the service reads the rules about addresses, and what holds while it cannot.
import { beforeEach, expect, test } from "vitest";
import { createAddressAdministration } from "../../shared/addresses/administration.ts";
import { catalogue } from "../../shared/http/catalogue.ts";
import { addSeconds } from "../../shared/platform/clock.ts";
import { startService, withSettings } from "../support/service.ts";
import { settingsFor, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
const settings = { ...settingsFor(server.port), TRUSTED_PROXY_HOPS: "2" };
const service = await startService(settings);
const { api, clock, services, logLines } = service;
const meFrom = async (address: string) =>
  (await api.get("/auth/me", { headers: { "X-Forwarded-For": address } })).status;
const reads = () => server.requests.filter(({ sql }) => sql.includes('"address_rules"')).length;
const rules = createAddressAdministration(services.database.queries);
const deny = (network: string) =>
  rules.put({ network, verdict: "deny", created_at: clock.now(), expires_at: addSeconds(clock.now(), 3600) });

beforeEach(() => {
  server.script = {};
  server.requests.length = 0;
});

test("18.4 parallel calls of a new instance share one read, and later ones make none for 30 seconds", async () => {
  withSettings(service, settings);
  expect(await Promise.all(Array.from({ length: 20 }, () => meFrom("203.0.113.7")))).toEqual(Array(20).fill(401));
  expect(reads()).toBe(1);
  clock.advance(29);
  await meFrom("203.0.113.7");
  expect(reads()).toBe(1);
});

test("18.4 after 30 seconds the calls go on by the rules that they know, while one read is under way", async () => {
  withSettings(service, settings);
  expect(await meFrom("203.0.113.7")).toBe(401);
  await deny("203.0.113.0/24");
  clock.advance(30);
  server.requests.length = 0;
  const held = Promise.withResolvers<void>();
  server.script.request = async (_request, run) => (await held.promise, run());
  expect([await meFrom("203.0.113.7"), await meFrom("203.0.113.7")]).toEqual([401, 401]);
  held.resolve();
  await expect.poll(() => meFrom("203.0.113.7")).toBe(403);
  expect(reads()).toBe(1);
});

test("18.4 while the database is away, the last known rules stay; an instance that knows none answers 503", async () => {
  withSettings(service, settings);
  await deny("203.0.113.0/24");
  expect(await meFrom("203.0.113.7")).toBe(403);
  clock.advance(31);
  server.script.request = () => "drop";
  server.dropAll();
  logLines.length = 0;
  expect([await meFrom("203.0.113.7"), await meFrom("198.51.100.1")]).toEqual([403, 401]);
  withSettings(service, { ...settings, IP_DENYLIST: "192.0.2.0/24" });
  expect([await meFrom("198.51.100.1"), await meFrom("203.0.113.7")]).toEqual([503, 503]);
  const pageFrom = async (address: string) =>
    (await api.get("/oauth/authorize", { headers: { "X-Forwarded-For": address } })).status;
  expect([await pageFrom("198.51.100.1"), await pageFrom("192.0.2.1")]).toEqual([400, 403]);
  server.script = {};
  expect([await meFrom("198.51.100.1"), await meFrom("203.0.113.7")]).toEqual([401, 403]);
});

test("18.4 what works without the database, and what is not there, asks it nothing", async () => {
  withSettings(service, { ...settings, GOOGLE_CLIENT_ID: "", API_DOCS: "on" });
  const entries = catalogue().filter(({ worksWithoutDatabase, name }) => worksWithoutDatabase && name !== "health");
  expect(entries.length).toBeGreaterThan(8);
  for (const { route } of entries) await api.get(`/${route.replace(/^\//, "").replaceAll(/\{\w+\}/g, "x")}`);
  await api.get("/wp-login.php");
  expect(server.requests).toEqual([]);
});
