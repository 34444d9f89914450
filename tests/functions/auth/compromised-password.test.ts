import { beforeEach, describe, expect, test } from "vitest";
import { createAccountCalls, newAddress } from "../../support/accounts.ts";
import { counting } from "../../support/attempts.ts";
import { startRangeApi } from "../../support/range-api.ts";
import { startService, withSettings } from "../../support/service.ts";

const range = await startRangeApi();
const settings = { BREACHED_PASSWORDS: "on", HIBP_BASE_URL: range.url, HIBP_TIMEOUT_MS: "60000" };
const service = await startService(settings);
const { api, services, clock, logLines } = service;
const { register, logIn, forgot, reset, verify, mailed, mailsTo } = createAccountCalls(service);

let count = 0;
/** A password of its own for each test: the range API's answers are kept. */
const newPassword = () => `a lantern of its own, number ${(count += 1)}`;
const setAway = (isAway: boolean) => {
  range.answer = isAway ? (response) => response.writeHead(503).end() : undefined;
  clock.advance(11);
};

beforeEach(() => {
  setAway(false);
  range.calls.length = 0;
});

/** Registers somebody while the range API is away. */
async function registerUnchecked(overrides: object = {}) {
  const person = { email: newAddress(), password: newPassword() };
  setAway(true);
  const answer = await register(person.email, { password: person.password, ...overrides });
  expect([201, 202]).toContain(answer.status);
  setAway(false);
  return person;
}

const codeOf = ({ status, json }: Awaited<ReturnType<typeof logIn>>) => [status, json.error_code];

describe("a password that could not be looked up among breached ones", () => {
  test("is looked up at the next sign-in, and never again if it is none of them", async () => {
    const { email, password } = await registerUnchecked();
    range.calls.length = 0;
    expect((await logIn(email, "not this one, alas")).status).toBe(401);
    expect(range.calls, "for the right password alone").toHaveLength(0);
    expect((await logIn(email, password)).status).toBe(200);
    expect(range.calls).toHaveLength(1);
    clock.advance(3600);
    expect((await logIn(email, password)).status).toBe(200);
    expect(range.calls).toHaveLength(1);
  });

  test("ASVS 6.2.12: and is known by then, starts no session and gets its owner a mail, at most one an hour; a reset opens the account", async () => {
    const { email, password } = await registerUnchecked();
    range.know(password);
    const before = logLines.length;
    for (const _ of [1, 2]) expect(codeOf(await logIn(email, password))).toEqual([403, "PASSWORD_COMPROMISED"]);
    expect(codeOf(await logIn(email, "not this one, alas"))).toEqual([401, "INVALID_CREDENTIALS"]);
    expect(
      logLines.slice(before).filter((line) => /"type":"sign_in.failed".*known from a breach/.test(line)),
    ).toHaveLength(2);
    expect(await mailsTo("password_compromised", email)).toBe(1);
    clock.advance(3600);
    expect(codeOf(await logIn(email, password))).toEqual([403, "PASSWORD_COMPROMISED"]);
    expect(await mailsTo("password_compromised", email)).toBe(2);
    const { token } = await mailed("password_compromised", email);
    expect((await reset(token, password)).json.details.fields[0].reason).toBe("breached");
    const another = newPassword();
    expect((await reset(token, another)).status).toBe(200);
    expect((await logIn(email, another)).status).toBe(200);
  });

  test("is no failure of the owner's, who gets the same answer however often they try", async () => {
    withSettings(service, { ...settings, ...counting });
    const { email, password } = await registerUnchecked();
    range.know(password);
    for (let times = 0; times < 7; times += 1)
      expect(codeOf(await logIn(email, password))).toEqual([403, "PASSWORD_COMPROMISED"]);
    withSettings(service, settings);
  });

  test("nor at the next sign-in, waits on", async () => {
    const { email, password } = await registerUnchecked();
    setAway(true);
    expect((await logIn(email, password)).status).toBe(200);
    setAway(false);
    range.know(password);
    expect(codeOf(await logIn(email, password))).toEqual([403, "PASSWORD_COMPROMISED"]);
  });

  test("of a registration whose address is proven later, too", async () => {
    withSettings(service, { ...settings, EMAIL_VERIFICATION: "required" });
    const { email, password } = await registerUnchecked();
    const { token } = await mailed("verify_email", email);
    expect((await verify({ token })).status).toBe(200);
    range.know(password);
    expect(codeOf(await logIn(email, password))).toEqual([403, "PASSWORD_COMPROMISED"]);
  });

  test("because it was reset or changed meanwhile, too", async () => {
    const { email } = await registerUnchecked();
    const [second, third] = [newPassword(), newPassword()];
    await forgot(email);
    const { token } = await mailed("reset_password", email);
    setAway(true);
    expect((await reset(token, second)).status).toBe(200);
    setAway(false);
    const signedIn = await logIn(email, second);
    expect(signedIn.status).toBe(200);
    setAway(true);
    const body = { current_password: second, password: third };
    const { cookie, json } = signedIn;
    const changed = await api.post("/auth/password/change", { body, cookie, bearer: json.data.access_token });
    expect(changed.status).toBe(200);
    setAway(false);
    range.know(third);
    expect(codeOf(await logIn(email, third))).toEqual([403, "PASSWORD_COMPROMISED"]);
  });

  test("of an inactive account is not looked up: the answer is that to a stranger", async () => {
    const { email, password } = await registerUnchecked();
    range.know(password);
    const db = services.database.queries.withTables<{ users: { email: string; is_active: boolean } }>();
    await db.updateTable("users").set({ is_active: false }).where("email", "=", email).execute();
    expect(codeOf(await logIn(email, password))).toEqual([401, "INVALID_CREDENTIALS"]);
    expect(await mailsTo("password_compromised", email)).toBe(0);
  });
});

test("ASVS 6.2.12: a known password is refused at register, change and reset, with the reason", async () => {
  const [email, good, known] = [newAddress(), newPassword(), newPassword()];
  range.know(known);
  const refusal = { field: "password", message: "must not be known from a data breach", reason: "breached" };
  expect((await register(email, { password: known })).json.details.fields).toMatchObject([refusal]);
  expect((await register(email, { password: good, username: "Grace Hopper" })).status).toBe(201);
  const { cookie, json } = await logIn(email, good);
  const body = { current_password: good, password: known };
  const changed = await api.post("/auth/password/change", { body, cookie, bearer: json.data.access_token });
  expect([changed.status, changed.json.details.fields[0]]).toEqual([422, expect.objectContaining(refusal)]);
  await forgot(email);
  const { token } = await mailed("reset_password", email);
  expect((await reset(token, known)).json.details.fields).toMatchObject([refusal]);
  expect((await reset(token, "Grace Hopper, Grace")).json.details.fields).toMatchObject([{ reason: "context" }]);
  expect((await reset(token, newPassword())).status).toBe(200);
});
