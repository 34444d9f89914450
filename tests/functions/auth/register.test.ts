import { describe, expect, test } from "vitest";
import { startService } from "../../support/service.ts";
import { password, registerPerson } from "../../support/people.ts";

const { api, services } = await startService();
const valid = () => ({ email: `new${Math.random()}@example.com`, username: "New", password });

describe("POST /auth/register", () => {
  test("with a new address, answers 201 with the user in the envelope", async () => {
    const answer = await api.post("/auth/register", {
      body: { email: " Ada@Example.com", username: "Ada Lovelace", password },
    });
    expect(answer.status).toBe(201);
    expect(Object.keys(answer.json)).toEqual(["success", "status_code", "message", "data", "timestamp"]);
    expect(answer.json).toMatchObject({ success: true, status_code: 201, timestamp: "2026-01-15T12:00:00.000Z" });
    expect(answer.json.data).toEqual({
      user: {
        id: expect.stringMatching(/^[\da-f-]{36}$/),
        email: "Ada@Example.com",
        username: "Ada Lovelace",
        name: null,
        picture: null,
        provider: null,
        locale: "en",
        is_active: true,
        email_verified: false,
        created_at: "2026-01-15T12:00:00.000Z",
        updated_at: "2026-01-15T12:00:00.000Z",
        last_login: null,
      },
    });
    expect(answer.setCookies).toEqual([]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test.each([
    ["letter case", "TWIN@example.com"],
    ["surrounding space", "  twin@example.com "],
  ])("an address that differs in %s alone is taken: 409", async (_what, email) => {
    await api.post("/auth/register", { body: { ...valid(), email: "twin@example.com" } });
    const answer = await api.post("/auth/register", { body: { ...valid(), email } });
    expect(answer.status).toBe(409);
    expect(answer.json.error_code).toBe("EMAIL_ALREADY_REGISTERED");
  });

  test("look-alike addresses: the Kelvin sign is a k, the dotless i is no i", async () => {
    expect((await api.post("/auth/register", { body: { ...valid(), email: "mark@example.com" } })).status).toBe(201);
    expect((await api.post("/auth/register", { body: { ...valid(), email: "mar\u212A@example.com" } })).status).toBe(
      409,
    );
    expect((await api.post("/auth/register", { body: { ...valid(), email: "mia@example.com" } })).status).toBe(201);
    expect((await api.post("/auth/register", { body: { ...valid(), email: "m\u0131a@example.com" } })).status).toBe(
      201,
    );
    expect((await api.post("/auth/register", { body: { ...valid(), email: "m\u0130a@example.com" } })).status).toBe(
      201,
    );
  });

  test("20 parallel calls for one address make one account", async () => {
    const body = valid();
    const answers = await Promise.all(Array.from({ length: 20 }, () => api.post("/auth/register", { body })));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, ...Array<number>(19).fill(409)]);
  });

  test("usernames need not be unique and are kept as sent", async () => {
    for (const username of ["李小龍", "  two words ", "李小龍", "😀".repeat(100)]) {
      const answer = await api.post("/auth/register", { body: { ...valid(), username } });
      expect(answer.json.data.user.username).toBe(username);
    }
  });

  test("NIST SP 800-63B-4 3.1.1: 14 characters are refused with the reason, 15 accepted", async () => {
    const refused = await api.post("/auth/register", { body: { ...valid(), password: "six lone words" } });
    expect(refused.status).toBe(422);
    expect(refused.json.details.fields).toEqual([
      {
        field: "password",
        message: "must have at least 15 characters",
        reason: "too_short",
        feedback: { warning: "A password needs at least 15 characters.", suggestions: [] },
      },
    ]);
    expect((await api.post("/auth/register", { body: { ...valid(), password: "six lone words!" } })).status).toBe(201);
  });

  test.each([
    ["email", { email: "nobody" }, "must be an email address"],
    ["email", { email: 7 }, "must be a string"],
    ["email", { email: "a\u0000@example.com" }, "must be an email address"],
    ["username", { username: "" }, "must have 1 to 100 characters"],
    ["username", { username: "a\uD800" }, "must have 1 to 100 characters"],
    ["username", { username: undefined }, "is required"],
    ["password", { password: "long enough but \uD800" }, "must be valid Unicode text"],
    ["password", { password: null }, "must be a string"],
    ["role", { role: "admin" }, "is not a known field"],
    ["__proto__", JSON.parse('{"__proto__":{"is_active":false}}') as object, "is not a known field"],
  ])("with a wrong %s in %j, answers 422 and names it; nothing is written", async (field, wrong, message) => {
    const person = valid();
    const answer = await api.post("/auth/register", { body: { ...person, ...wrong } });
    expect(answer.status).toBe(422);
    expect(answer.json.error_code).toBe("VALIDATION_ERROR");
    expect(answer.json.details.fields).toEqual([{ field, message: expect.stringContaining(message) }]);
    expect((await services.accounts.findClaims(person.email, services.clock.now())).account).toBeUndefined();
  });

  test("with several wrong fields, names each", async () => {
    const answer = await api.post("/auth/register", { body: { email: "x", username: "", password: 1, extra: true } });
    expect(answer.json.details.fields.map(({ field }: { field: string }) => field).toSorted()).toEqual([
      "email",
      "extra",
      "password",
      "username",
    ]);
  });

  test("the stored password is an Argon2id string with the configured parameters", async () => {
    const email = await registerPerson(api);
    const { account: credential } = await services.accounts.findClaims(email, services.clock.now());
    expect(credential?.passwordHash).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/);
  });
});
