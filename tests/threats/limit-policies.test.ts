// Each policy of the rate limits over real HTTP, at each endpoint that counts under it.
import { describe, expect, test } from "vitest";
import type { ApiRequest } from "../support/api.ts";
import { from, limit, newNetwork, statusesOf as statuses } from "../support/limits.ts";
import { newDevice, password } from "../support/people.ts";
import { startService } from "../support/service.ts";

const service = await startService();
const { api, clock } = service;
const limited = (settings?: Record<string, string>) => limit(service, settings);

describe("18.1 every policy", () => {
  const dead = "A".repeat(43);
  const page = { headers: { Accept: "text/html" } };
  const form = { "Content-Type": "application/x-www-form-urlencoded" };
  const calls: readonly (readonly [setting: string, method: string, path: string, request: ApiRequest])[] = [
    ["CREDENTIALS", "POST", "/auth/login", { body: { email: "a@example.com", password: "wrong" } }],
    ["REGISTRATION", "POST", "/auth/register", { body: { email: "new@example.com", username: "Ada", password } }],
    ["RESET_MAIL", "POST", "/auth/password/forgot", { body: { email: "one@example.com" } }],
    ["MAIL", "POST", "/auth/email/resend", { body: { email: "other@example.com" } }],
    ["MAIL_NETWORK", "POST", "/auth/password/forgot", { body: { email: "third@example.com" } }],
    ["ONE_TIME_TOKENS", "POST", "/auth/email/verify", { body: { token: dead } }],
    ["ONE_TIME_TOKENS", "POST", "/auth/email/confirm", { body: { token: dead } }],
    ["ONE_TIME_TOKENS", "POST", "/auth/email/undo", { body: { token: dead } }],
    ["ONE_TIME_TOKENS", "POST", "/auth/password/reset", { body: { token: dead, password } }],
    ["ONE_TIME_TOKENS", "GET", `/auth/email/verify?token=${dead}`, page],
    ["ONE_TIME_TOKENS", "GET", `/auth/email/confirm?token=${dead}`, page],
    ["ONE_TIME_TOKENS", "GET", `/auth/email/undo?token=${dead}`, page],
    ["ONE_TIME_TOKENS", "GET", `/auth/password/reset?token=${dead}`, page],
    ["SOCIAL", "GET", "/auth/oauth/google/authorize", {}],
    ["SOCIAL", "GET", "/auth/oauth/google/callback", {}],
    ["SOCIAL", "POST", "/auth/oauth/google", { body: { code: "x", redirect_uri: "http://localhost:3000/" } }],
    ["SOCIAL", "POST", "/auth/oauth/google/callback", { body: "state=x", headers: form }],
    ["REFRESH", "POST", "/auth/refresh", { body: { refresh_token: dead } }],
    ["TOKEN", "POST", "/oauth/token", { form: { grant_type: "client_credentials", client_id: "x" } }],
    ["TOKEN", "POST", "/oauth/introspect", { form: { token: "x", client_id: "x" } }],
    ["TOKEN", "POST", "/oauth/revoke", { form: { token: "x", client_id: "x" } }],
  ];

  test.each(calls)("%s limits %s %s", async (setting, method, path, request) => {
    limited({ [`RATE_LIMIT_${setting}`]: "1/60" });
    const call = (address: string) =>
      api.send(method, path, { ...request, headers: { ...request.headers, ...from(address).headers } });
    const [here, there] = [newNetwork(), newNetwork()];
    expect((await call(here)).status).not.toBe(429);
    const refused = await call(here);
    expect([refused.status, refused.headers.has("retry-after")]).toEqual([429, true]);
    if (path.startsWith("/oauth/")) expect(refused.json.error).toBe("temporarily_unavailable");
    if (request === page) expect(refused.headers.get("content-type")).toBe("text/html; charset=utf-8");
    // An identifier is counted wherever it comes from.
    expect((await call(there)).status === 429).toBe(["MAIL", "RESET_MAIL"].includes(setting));
    clock.advance(60);
    expect((await call(here)).status).not.toBe(429);
  });

  test("RESET_MAIL counts one mailbox, whatever its spelling", async () => {
    limited({ RATE_LIMIT_RESET_MAIL: "1/60" });
    const forgot = (email: string) => api.post("/auth/password/forgot", { body: { email }, ...from(newNetwork()) });
    expect((await forgot("Ada@BÜCHER.example")).status).toBe(202);
    expect((await forgot(" ada@xn--bcher-kva.example ")).status).toBe(429);
    expect((await forgot("grace@bücher.example")).status).toBe(202);
  });

  test("TOKEN counts the clients of a network apart: by Basic and by the form alike", async () => {
    limited({ RATE_LIMIT_TOKEN: "1/60" });
    const here = newNetwork();
    const grant = { grant_type: "client_credentials" };
    const byForm = (id: string) => api.post("/oauth/token", { form: { ...grant, client_id: id }, ...from(here) });
    expect((await byForm("one")).status).toBe(401);
    expect((await byForm("two")).status).toBe(401);
    const Authorization = `Basic ${Buffer.from("one:secret").toString("base64")}`;
    const headers = { ...from(here).headers, Authorization };
    expect((await api.post("/oauth/token", { form: grant, headers })).status).toBe(429);
  });

  test.each([
    ["a neighbour's IPv4 address", "10.200.0.7", "10.200.0.8", 401],
    ["another /64", "2001:db8:9:1::1", "2001:db8:9:2::1", 401],
    ["the same /64", "2001:db8:9:3::1", "2001:db8:9:3:4::1", 429],
  ])("TOKEN counts by host: a client of %s", async (_whose, one, other, status) => {
    limited({ RATE_LIMIT_TOKEN: "1/60" });
    const introspect = (address: string) =>
      api.post("/oauth/introspect", { form: { token: "x", client_id: "x" }, ...from(address) });
    expect([(await introspect(one)).status, (await introspect(other)).status]).toEqual([401, status]);
  });

  test("EXPORT counts by account", async () => {
    const [ada, grace] = [await newDevice(api), await newDevice(api)];
    limited({ RATE_LIMIT_EXPORT: "1/60" });
    const exported = async ({ accessToken: bearer, refreshToken: refresh_token }: typeof ada) =>
      (await api.post("/auth/me/export", { bearer, body: { refresh_token }, ...from(newNetwork()) })).status;
    expect([await exported(ada), await exported(ada), await exported(grace)]).toEqual([200, 429, 200]);
  });

  test("READS, which is off, counts by account and not by network", async () => {
    const [ada, grace] = [await newDevice(api), await newDevice(api)];
    limited();
    const here = newNetwork();
    const me = ({ accessToken }: typeof ada) => api.get("/auth/me", { bearer: accessToken, ...from(here) });
    expect((await me(ada)).headers.has("ratelimit")).toBe(false);
    limited({ RATE_LIMIT_READS: "1/60" });
    expect([(await me(ada)).status, (await me(ada)).status, (await me(grace)).status]).toEqual([200, 429, 200]);
  });

  test("at `off` leaves its endpoints without limit and header", async () => {
    limited({ RATE_LIMIT_CREDENTIALS: "off" });
    const here = newNetwork();
    let people = 0;
    const another = () => {
      const body = { email: `nobody${(people += 1)}@example.com`, password: "not the pass phrase" };
      return api.post("/auth/login", { body, ...from(here) });
    };
    expect(await statuses(7, another)).toEqual(Array(7).fill(401));
    expect((await another()).headers.has("ratelimit-policy")).toBe(false);
  });
});
