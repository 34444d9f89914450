// Rate limits over real HTTP: whom they count by, and what their answers tell.
import { beforeEach, describe, expect, test } from "vitest";
import { createAccountCalls } from "../support/accounts.ts";
import { from, limit, newNetwork, statusesOf as statuses } from "../support/limits.ts";
import { cookieName, newDevice, password, registerPerson } from "../support/people.ts";
import { startService } from "../support/service.ts";

const service = await startService();
const { api, clock, logLines } = service;
const { forgot, resend, mailed, reset } = createAccountCalls(service);
const limited = (settings?: Record<string, string>) => limit(service, settings);

const login = (address: string, email = "nobody@example.com", typed = "not the pass phrase") =>
  api.post("/auth/login", { body: { email, password: typed }, ...from(address) });
const withoutKey = (field: string | null) => field?.replaceAll(/pk=:[^:]*:/g, "pk");

beforeEach(() => {
  logLines.length = 0;
});

describe("18.1 the limit of passwords", () => {
  test("is five a minute for a network, then 429 until the window ends", async () => {
    limited();
    const [here, there] = [newNetwork(), newNetwork()];
    expect(await statuses(6, () => login(here))).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await login(here.replace(/7$/, "99"))).status).toBe(429);
    expect((await login(there)).status).toBe(401);
    clock.advance(59);
    expect((await login(here)).headers.get("retry-after")).toBe("1");
    clock.advance(1);
    expect((await login(here)).status).toBe(401);
  });

  test("counts right passwords too, and at every endpoint that takes one", async () => {
    const { email, accessToken: bearer, refreshToken: refresh_token } = await newDevice(api);
    limited();
    const here = newNetwork();
    expect((await login(here, email, password)).status).toBe(200);
    const proof = { refresh_token, password };
    expect((await api.post("/auth/reauthenticate", { bearer, body: proof, ...from(here) })).status).toBe(200);
    const change = { refresh_token, current_password: "wrong", password: "another pass phrase" };
    expect((await api.post("/auth/password/change", { bearer, body: change, ...from(here) })).status).not.toBe(429);
    const keep = { email, password: "wrong" };
    expect((await api.post("/auth/me/deletion/cancel", { body: keep, ...from(here) })).status).toBe(401);
    expect(await statuses(2, () => login(here))).toEqual([401, 429]);
  });

  test("fifty at once: exactly five are admitted", async () => {
    limited();
    const here = newNetwork();
    const answers = await Promise.all(Array.from({ length: 50 }, () => login(here)));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(5);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(45);
  });

  test("a call that is not understood does not count", async () => {
    limited();
    const here = newNetwork();
    expect(await statuses(6, () => api.post("/auth/login", { body: "{", ...from(here) }))).toEqual(Array(6).fill(400));
    expect((await login(here)).status).toBe(401);
  });

  test.each([
    ["IPv6 addresses of one /64", "2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true],
    ["IPv6 addresses of two", "2001:db8:1:3::1", "2001:db8:1:4::1", false],
    ["an IPv4 address, also mapped into IPv6,", "198.51.100.7", "::ffff:198.51.100.9", true],
    ["all unknown addresses", "unknown", "_hidden", true],
  ])("%s: one network is %s", async (_what, one, other, isOne) => {
    limited({ RATE_LIMIT_CREDENTIALS: "1/60" });
    expect((await login(one)).status).toBe(401);
    expect((await login(other)).status).toBe(isOne ? 429 : 401);
  });

  test("what a caller writes into X-Forwarded-For itself changes nothing", async () => {
    limited({ RATE_LIMIT_CREDENTIALS: "1/60" });
    const here = newNetwork();
    expect((await login(here)).status).toBe(401);
    expect((await login(`203.0.113.5, ${here}`)).status).toBe(429);
  });
});

describe("18.1 a stranger in the owner's network takes nothing from the owner's device,", () => {
  /** Somebody's device, in a network whose attempts strangers have used up. */
  async function crowded(transport: "cookie" | "body" = "cookie") {
    const here = newNetwork();
    const email = await registerPerson(api);
    const { json, setCookies } = await api.post("/auth/login", { body: { email, password, transport } });
    limited();
    const cookie = setCookies.map((each) => each.split(";")[0]).join("; ");
    while ((await login(here)).status !== 429);
    const enter = (body: object, sent?: string) =>
      api.post("/auth/login", { body: { email, password, ...body }, cookie: sent, ...from(here) });
    return { here, data: json.data, cookie, enter };
  }

  test("which has five attempts of its own", async () => {
    const { cookie, enter } = await crowded();
    expect((await enter({})).status).toBe(429);
    const device = cookie.split("; ").find((each) => each.startsWith("latchkey_device"));
    expect(await statuses(6, () => enter({}, device))).toEqual([200, 200, 200, 200, 200, 429]);
  });

  test("also if it sends its device_id", async () => {
    const { data, enter } = await crowded("body");
    expect((await enter({ device_id: data.device_id, transport: "body" })).status).toBe(200);
  });

  test("and at what it is signed in to, where the network is known to be used up before its session is read", async () => {
    const { here, data, cookie } = await crowded();
    const confirm = (sent: string) => {
      const request = { bearer: data.access_token, body: { password }, cookie: sent, ...from(here) };
      return api.post("/auth/reauthenticate", request);
    };
    const session = cookie.split("; ").find((each) => each.startsWith(cookieName)) ?? "";
    expect([(await confirm(session)).status, (await confirm(cookie)).status]).toEqual([429, 200]);
  });

  test("and gets no count by inventing a device", async () => {
    const { data, enter } = await crowded("body");
    const [id, signature = ""] = String(data.device_id).split(".");
    const other = `${"A".repeat(43)}.${signature}`;
    for (const device_id of [other, `${id}.${"A".repeat(43)}`, "x", ""]) {
      expect((await enter({ device_id })).status, device_id).toBe(429);
      expect((await enter({}, `latchkey_device=${device_id}`)).status, device_id).toBe(429);
    }
  });
});

describe("18.1 a stranger who asks for mails keeps no owner from a new password:", () => {
  test("mails that prove an address have a limit of their own", async () => {
    const email = await registerPerson(api);
    limited({ RATE_LIMIT_MAIL_NETWORK: "off" });
    while ((await resend(email)).status !== 429);
    expect((await forgot(email)).status).toBe(202);
  });

  test("until the limit of reset mails ends, the newest one's link works", async () => {
    const email = await registerPerson(api);
    limited({ RATE_LIMIT_MAIL_NETWORK: "off" });
    expect(await statuses(6, () => forgot(email))).toEqual([202, 202, 202, 202, 202, 429]);
    clock.advance(1799.999);
    expect((await forgot(email)).status).toBe(429);
    const { token } = await mailed("reset_password", email);
    expect((await reset(token, "another pass phrase")).status).toBe(200);
    clock.advance(0.001);
    expect((await forgot(email)).status).toBe(202);
  });
});

describe("18.1 an answer says where its caller stands,", () => {
  test("admitted or refused, without showing by what it was counted", async () => {
    limited();
    const here = newNetwork();
    const first = await login(here);
    expect(withoutKey(first.headers.get("ratelimit-policy"))).toBe('"credentials";q=5;w=60;pk');
    expect(withoutKey(first.headers.get("ratelimit"))).toBe('"credentials";r=4;t=60;pk');
    clock.advance(0.5);
    await statuses(4, () => login(here));
    for (const refused of [await login(here), await login(here)]) {
      expect(refused.json).toMatchObject({ error_code: "RATE_LIMITED", details: {} });
      expect(refused.headers.get("retry-after")).toBe("60");
      expect(withoutKey(refused.headers.get("ratelimit"))).toBe('"credentials";r=0;t=60;pk');
      const [, key = ""] = /pk=:([^:]*):/.exec(refused.headers.get("ratelimit") ?? "") ?? [];
      expect(Buffer.from(key, "base64")).toHaveLength(9);
      expect(JSON.stringify([...refused.headers]) + Buffer.from(key, "base64").toString("latin1")).not.toContain("10.");
    }
  });

  test("as problem details of the registered type", async () => {
    limited({ RATE_LIMIT_RESET_MAIL: "1/60", RATE_LIMIT_MAIL_NETWORK: "1/60" });
    const headers = { ...from(newNetwork()).headers, Accept: "application/problem+json" };
    const ask = () => api.post("/auth/password/forgot", { body: { email: "problem@example.com" }, headers });
    await ask();
    const { json, status } = await ask();
    expect([status, json.type]).toEqual([429, "https://iana.org/assignments/http-problem-types#quota-exceeded"]);
    expect(json["violated-policies"]).toEqual(["reset_mail", "mail_network"]);
  });

  test("web pages may read it", async () => {
    limited();
    const headers = { Origin: "http://localhost:3000", ...from(newNetwork()).headers };
    const answer = await api.post("/auth/login", { body: { email: "a@example.com", password: "wrong" }, headers });
    expect(answer.headers.get("access-control-expose-headers")).toBe(
      "RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
    );
  });
});

describe("18.1 what is refused is recorded", () => {
  const events = () =>
    logLines.flatMap((line) =>
      line.includes('"limit.exceeded"') ? [JSON.parse(line) as Record<string, unknown>] : [],
    );

  test("by one event for a window of a key, and one with the count of the rest once it is over", async () => {
    limited();
    const [here, there] = [newNetwork(), newNetwork()];
    await statuses(15, () => login(here));
    expect(events()).toMatchObject([{ outcome: "failure", reason: "credentials", address: here }]);
    expect(events()[0]).not.toHaveProperty("count");
    clock.advance(60);
    await statuses(6, () => login(there));
    expect(events().slice(1)).toMatchObject([
      { reason: "credentials", address: here, count: 9 },
      { reason: "credentials", address: there },
    ]);
    expect(logLines.filter((line) => line.includes('"sign_in.failed"'))).toHaveLength(10);
  });
});
