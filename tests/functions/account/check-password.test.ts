import { beforeEach, describe, expect, test } from "vitest";
import { createAccountCalls, newAddress } from "../../support/accounts.ts";
import { startRangeApi } from "../../support/range-api.ts";
import { startService } from "../../support/service.ts";
import { checkHealth } from "../../../tools/doctor/service.ts";
import { tracesOf } from "../../support/traces.ts";

const range = await startRangeApi();
const known = "an otherwise good pass phrase";
range.know(known);
const service = await startService({
  PASSWORD_MIN_SCORE: "2",
  BREACHED_PASSWORDS: "on",
  HIBP_BASE_URL: range.url,
  HIBP_TIMEOUT_MS: "60000",
  PRODUCT_NAME: "Contoso Mail",
});
const { url, api, services, clock, logLines } = service;
const { register } = createAccountCalls(service);
const check = async (body: object, language = "en") =>
  (await api.post("/auth/password/check", { body, headers: { "Accept-Language": language } })).json.data;

beforeEach(() => void (range.calls.length = 0));

describe("POST /auth/password/check", () => {
  test("says that a password may be chosen, and how hard it is to guess", async () => {
    expect(await check({ password: "blue lantern over seven bridges" })).toEqual({
      acceptable: true,
      reason: null,
      score: 4,
      feedback: { warning: null, suggestions: [] },
    });
  });

  test.each([
    ["fourteen chars", "too_short", null, "A password needs at least 15 characters."],
    ["correct horse battery staple", "common", 4, "Many people use this password, so it is tried first."],
    ["Contoso Mail Contoso", "context", expect.any(Number), expect.stringContaining("the name of this service")],
    ["princess1qaz2wsx", "too_weak", 1, "This is almost a common password."],
  ])("ASVS 6.2.4, 6.2.11: %s may not be chosen: %s", async (password, reason, score, warning) => {
    expect(await check({ password })).toMatchObject({ acceptable: false, reason, score, feedback: { warning } });
  });

  test("ASVS 6.2.11: knows the address and the name that the form has, however little of them is typed", async () => {
    const password = "Ada Lovelace, Ada Lovelace";
    expect((await check({ password })).acceptable).toBe(true);
    for (const names of [{ email: "ada.lovelace@example.com" }, { username: "Ada Lovelace" }])
      expect(await check({ password, ...names }), JSON.stringify(names)).toMatchObject({ reason: "context" });
    for (const email of ["", "a", "ada@", "@", "a b c"]) expect((await check({ password, email })).reason).toBe(null);
  });

  test.each([
    ["de", "Das ist fast ein häufiges Passwort."],
    ["fr", "C’est presque un mot de passe courant."],
    ["es", "Es casi una contraseña común."],
    ["zh-Hant", "這和常見的密碼非常相似。"],
  ])("gives its feedback in the caller's language: %s", async (language, warning) => {
    const { feedback } = await check({ password: "princess1qaz2wsx" }, language);
    expect(feedback.warning).toBe(warning);
    expect(feedback.suggestions.length).toBeGreaterThan(0);
  });

  test("sends nothing of a password that is being typed: the range API is asked when it is chosen", async () => {
    expect(await check({ password: known })).toMatchObject({ acceptable: true, reason: null });
    expect(range.calls).toEqual([]);
    const { status, json } = await register(newAddress(), { password: known });
    expect([status, json.details.fields[0]]).toMatchObject([
      422,
      { reason: "breached", feedback: { warning: expect.stringContaining("known from a data breach") } },
    ]);
    expect(range.calls).toHaveLength(1);
  });

  test("keeps nothing of a password, and logs nothing", async () => {
    const canary = "canary lantern over seven bridges";
    const before = logLines.length;
    await check({ password: canary, email: "canary@example.com", username: "Canary" });
    expect(logLines.slice(before).filter((line) => !line.includes('"event":"request"'))).toEqual([]);
    expect(logLines.slice(before).join()).not.toMatch(/canary/i);
    expect(await tracesOf(services, [canary, "canary@example.com"])).toEqual([]);
  });

  test("without an answer about breaches, lets a password through, says so once, and shows it in /health, which stays healthy", async () => {
    expect((await api.get("/health")).json.data.checks.breached_passwords).toEqual({ status: "up" });
    range.answer = (response) => response.writeHead(503).end();
    const before = logLines.length;
    for (const password of ["first lantern of many", "second lantern of many"])
      expect((await register(newAddress(), { password })).status).toBe(201);
    const told = logLines.slice(before).filter((line) => line.includes("password.breach_check_unavailable"));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain("answers 503");
    expect(services.passwordPolicy.breaches.standing()).toBe("down");
    await expect
      .poll(async () => (await api.get("/health")).json.data)
      .toMatchObject({
        status: "healthy",
        checks: { breached_passwords: { status: "down" } },
      });
    expect(await checkHealth({ app: new URL(url), api: url, timeoutMs: 60_000 })).toMatchObject([
      { state: "warning", text: expect.stringContaining("the range API did not answer") },
    ]);
    range.answer = undefined;
    clock.advance(60);
  });

  test.each([
    [{}, "password"],
    [{ password: "x".repeat(1025) }, "password"],
    [{ password: "a pass phrase", email: "x".repeat(321) }, "email"],
    [{ password: "a pass phrase", phone: "1" }, "phone"],
  ])("refuses %o", async (body, field) => {
    const answer = await api.post("/auth/password/check", { body });
    expect([answer.status, answer.json.details.fields[0].field]).toEqual([422, field]);
  });
});
