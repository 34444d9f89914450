import { describe, expect, test } from "vitest";
import { catalogue } from "../../shared/http/catalogue.ts";
import { newDevice } from "../support/people.ts";
import { startSocialService } from "../support/social.ts";

const service = await startSocialService();
const { api, logLines } = service;
const device = await newDevice(api);
const routes = catalogue()
  .filter(({ access }) => access === "session")
  .map(({ method, route }) => [method, `/${route.replace("{provider}", "acme")}`] as const);

/** What the log says of one refused call. */
async function lineOf(method: string, path: string, request: Parameters<typeof api.send>[2]) {
  logLines.length = 0;
  const answer = await api.send(method, path, request);
  const line: unknown = JSON.parse(logLines.find((text) => text.includes("request.refused")) ?? "null");
  return { status: answer.status, line };
}

const from = { "X-Forwarded-For": "203.0.113.7:51000", "User-Agent": "thief/1.0" };

describe("15.9d a refused bearer is logged with address and agent", () => {
  test.each(routes)("%s %s", async (method, path) => {
    for (const bearer of [undefined, "a.b.c", `${device.accessToken}x`]) {
      const { status, line } = await lineOf(method, path, { bearer, headers: from });
      expect(status).toBe(401);
      // The host appends the peer: the address that counts is the one that the client cannot choose.
      expect(line).toMatchObject({ code: "UNAUTHENTICATED", address: "127.0.0.1", user_agent: "thief/1.0" });
    }
  });

  test("an expired one, a client's wrong secret and a foreign page too", async () => {
    const { accessToken } = await newDevice(api);
    service.clock.advance(3 * 3600);
    const expired = await lineOf("GET", "/auth/me", { bearer: accessToken, headers: from });
    expect(expired.line).toMatchObject({ code: "TOKEN_EXPIRED", address: "127.0.0.1", user_agent: "thief/1.0" });
    const headers = { ...from, Authorization: `Basic ${Buffer.from("no:body").toString("base64")}` };
    const client = await lineOf("POST", "/oauth/introspect", { form: { token: "x" }, headers });
    expect(client.line).toMatchObject({ code: "INVALID_CLIENT", address: "127.0.0.1", user_agent: "thief/1.0" });
    const page = { headers: { ...from, Origin: "https://evil.example" }, body: {} };
    const foreign = await lineOf("POST", "/auth/refresh", page);
    expect(foreign.line).toMatchObject({ code: "ORIGIN_NOT_ALLOWED", address: "127.0.0.1", user_agent: "thief/1.0" });
  });

  test("in two lines of bounded length, whatever the agent calls itself, and no token in it", async () => {
    const agent = `a\u0085"},{"event":"audit" ${device.accessToken} ${"x".repeat(10_000)}`;
    logLines.length = 0;
    await api.get("/auth/me", { bearer: `${device.accessToken}x`, headers: { "User-Agent": agent } });
    const events = logLines.map((line) => {
      expect(line.length).toBeLessThan(1000);
      expect(line).not.toMatch(/[\r\n]/);
      expect(line).not.toContain(device.accessToken.slice(0, 43));
      return (JSON.parse(line) as { event: string }).event;
    });
    expect(events).toEqual(["audit", "request.refused"]);
  });

  test("a caller's mistake of another kind is logged without", async () => {
    const { line } = await lineOf("POST", "/auth/login", { body: {}, headers: from });
    expect(line).not.toHaveProperty("address");
  });
});
