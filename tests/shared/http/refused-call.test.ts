import { beforeEach, describe, expect, test } from "vitest";
import { registerPerson } from "../../support/people.ts";
import { createBrowser, startSocialService } from "../../support/social.ts";

const service = await startSocialService();
const { api, logLines } = service;
const email = await registerPerson(api);
const wrong = { email, password: "not the password at all" };

/** What was audited since the log was emptied. */
const audited = () =>
  logLines.map((line) => JSON.parse(line) as Record<string, string>).filter(({ event }) => event === "audit");

beforeEach(() => {
  logLines.length = 0;
});

describe("a refused call leaves one event, whatever the format of its answer:", () => {
  test.each([
    ["the envelope", "application/json"],
    ["problem details", "application/problem+json"],
  ])("%s, which shows nothing of whom it concerns", async (_format, accept) => {
    const answer = await api.post("/auth/login", { body: wrong, headers: { Accept: accept } });
    const [event, ...others] = audited();
    expect([answer.status, others]).toEqual([401, []]);
    expect(event).toMatchObject({ type: "sign_in.failed", outcome: "failure", reason: "wrong password" });
    expect(event?.["account_id"]).toMatch(/^[\da-f-]{36}$/);
    expect(JSON.stringify(answer.json)).not.toMatch(new RegExp(`${event?.["account_id"]}|wrong password`));
  });

  test("OAuth's", async () => {
    const form = { grant_type: "client_credentials", client_id: "nobody", client_secret: "x" };
    expect((await api.post("/oauth/token", { form })).status).toBe(401);
    expect(audited()).toEqual([expect.objectContaining({ type: "client.refused", reason: "unknown client" })]);
  });

  test("a redirect", async () => {
    const answer = await createBrowser().visit(`${service.url}/auth/oauth/acme/callback?state=x&code=y`);
    expect(answer.headers.get("location")).toContain("error=INVALID_STATE");
    expect(audited()).toEqual([
      expect.objectContaining({ type: "sign_in.failed", reason: "INVALID_STATE", provider: "acme" }),
    ]);
  });
});

test.each([
  ["an error that the endpoint names no event for", "/auth/login", { email }],
  ["an endpoint that declares none", "/auth/refresh", {}],
])("%s leaves none", async (_what, path, body) => {
  expect((await api.post(path, { body })).status).toBeGreaterThanOrEqual(400);
  expect(audited()).toEqual([]);
});

test("what a gate refuses is the gate's event, whatever its endpoint declares", async () => {
  const body = { password: "a pass phrase of my own" };
  for (const [headers, type] of [
    [{ Authorization: "Bearer forged" }, "access_token.refused"],
    [{ Origin: "https://evil.example" }, "origin.refused"],
  ] as const) {
    logLines.length = 0;
    expect((await api.post("/auth/password/change", { body, headers })).status).toBeGreaterThan(400);
    expect(audited()).toEqual([expect.objectContaining({ type, outcome: "failure" })]);
  }
});
