import { describe, expect, test } from "vitest";
import { createAccountCalls, expectDead, newAddress, visible } from "../../support/accounts.ts";
import { meStatus, refresh, signIn } from "../../support/people.ts";
import { startSocialService } from "../../support/social.ts";

const service = await startSocialService();
const { api, clock, services, exchange } = service;
const { register, logIn, verify, forgot, reset, mailed, mailsTo } = createAccountCalls(service);
const another = "another pass phrase";

async function registered(): Promise<string> {
  const email = newAddress();
  await register(email);
  return email;
}
async function resetToken(email: string): Promise<string> {
  expect((await forgot(email)).status).toBe(202);
  return (await mailed("reset_password", email)).token;
}

describe("POST /auth/password/forgot", () => {
  test("answers alike for known, unknown, inactive and passwordless addresses, and mails to whom it may", async () => {
    const [known, unknown, inactive] = [await registered(), newAddress(), await registered()];
    const db = services.database.queries.withTables<{ users: { email: string; is_active: boolean } }>();
    await db.updateTable("users").set({ is_active: false }).where("email", "=", inactive).execute();
    const passwordless = newAddress();
    await exchange({ sub: passwordless, email: passwordless, email_verified: true });
    const answers = [];
    for (const email of [known, unknown, inactive, passwordless]) answers.push(await forgot(email));
    const [first] = answers;
    expect([first?.status, first?.json.data]).toEqual([202, { reset: "sent" }]);
    for (const answer of answers) expect(visible(answer)).toEqual(visible(first ?? answer));
    const mails = await Promise.all(
      [known, unknown, inactive, passwordless].map((to) => mailsTo("reset_password", to)),
    );
    expect(mails).toEqual([1, 0, 0, 1]);
  });

  test("mails to the address as it is stored, whatever was typed", async () => {
    const email = await registered();
    await forgot(` ${email.toUpperCase()} `);
    expect(await mailsTo("reset_password", email)).toBe(1);
  });
});

describe("POST /auth/password/reset", () => {
  test("gives the new password, proves the address, ends all sessions, and tells the owner", async () => {
    const email = await registered();
    const device = await signIn(api, email);
    const answer = await reset(await resetToken(email), another);
    expect([answer.status, answer.json.data, answer.setCookies]).toEqual([200, { password_changed: true }, []]);
    expect([await meStatus(api, device), (await refresh(api, device.cookie)).status]).toEqual([401, 401]);
    expect((await logIn(email)).status).toBe(401);
    expect((await logIn(email, another)).json.data.user.email_verified).toBe(true);
    expect(await mailed("password_changed", email)).toEqual({ username: "Ada", isReset: true });
  });

  test("spends the token by the post that carries an acceptable password: a refused one leaves it good", async () => {
    const token = await resetToken(await registered());
    for (const bad of ["", "too short", "x".repeat(1025)]) expect((await reset(token, bad)).status).toBe(422);
    expect((await reset(token, another)).status).toBe(200);
    expectDead(await reset(token, another));
  });

  test("of 10 posts at once, one chooses the password", async () => {
    const email = await registered();
    const token = await resetToken(email);
    const chosen = Array.from({ length: 10 }, (_, count) => `a new pass phrase ${count}`);
    const answers = await Promise.all(chosen.map((each) => reset(token, each)));
    const won = chosen.filter((_, index) => answers[index]?.status === 200);
    expect(won).toHaveLength(1);
    for (const { status, json } of answers) if (status !== 200) expectDead({ status, json });
    expect((await logIn(email, won[0])).status).toBe(200);
  });

  test("beside logins with the old password: none of them leaves a session", async () => {
    const email = await registered();
    const token = await resetToken(email);
    // Nobody changes a password within the millisecond of the registration.
    clock.advance(1);
    const [answer, ...logins] = await Promise.all([
      reset(token, another),
      ...Array.from({ length: 10 }, () => logIn(email)),
    ]);
    expect(answer?.status).toBe(200);
    for (const { status, json } of logins)
      if (status === 200) expect((await api.get("/auth/me", { bearer: json.data.access_token })).status).toBe(401);
  });

  test("ends the links of before, and a newer mail ends an older link", async () => {
    const email = await registered();
    const { token: verification } = await mailed("verify_email", email);
    const [older, newer] = [await resetToken(email), await resetToken(email)];
    expectDead(await reset(older, another));
    expect((await reset(newer, another)).status).toBe(200);
    expectDead(await verify({ token: verification }));
  });

  test("a link expires after 30 minutes, and is no good for anything else", async () => {
    const email = await registered();
    const token = await resetToken(email);
    expectDead(await verify({ token }));
    expectDead(await reset((await mailed("verify_email", email)).token, another));
    clock.advance(30 * 60);
    expectDead(await reset(token, another));
    for (const bad of ["", "x", token.slice(1)]) expectDead(await reset(bad, another));
  });

  test("is refused for an account that was deactivated since the mail", async () => {
    const email = await registered();
    const token = await resetToken(email);
    const db = services.database.queries.withTables<{ users: { email: string; is_active: boolean } }>();
    const set = (is_active: boolean) => db.updateTable("users").set({ is_active }).where("email", "=", email).execute();
    await set(false);
    expectDead(await reset(token, another));
    await set(true);
    expect((await reset(token, another)).status).toBe(200);
  });

  test("gives a person without a password one, and leaves the proven identity", async () => {
    const email = newAddress();
    const person = { sub: email, email, email_verified: true };
    await exchange(person);
    expect((await reset(await resetToken(email), another)).status).toBe(200);
    expect((await logIn(email, another)).status).toBe(200);
    expect((await exchange(person)).json.data.user.email).toBe(email);
  });
});

describe("pre-hijacking: who resets the password of an account with an unproven address", () => {
  test("is rid of the identities and links that its creator left", async () => {
    const email = newAddress();
    await register(email, { username: "Mallory" });
    const mallory = await signIn(api, email);
    service.issuer.person = { sub: `mallory ${email}`, email: "mallory@example.com", email_verified: false };
    const linked = await api.post("/auth/me/identities/acme", {
      bearer: mallory.accessToken,
      cookie: mallory.cookie,
      body: { id_token: await service.issuer.idToken({ nonce: "n" }), nonce: "n" },
    });
    expect(linked.status).toBe(200);
    expect((await reset(await resetToken(email), another)).status).toBe(200);
    const user = (await exchange(service.issuer.person)).json.data?.user;
    expect(user?.email).not.toBe(email);
    expect(await meStatus(api, mallory)).toBe(401);
  });
});
