import { describe, expect, test, vi } from "vitest";
import { createAccountCalls, expectDead, newAddress, visible } from "../../support/accounts.ts";
import { meStatus, password, signIn } from "../../support/people.ts";
import { startService, withSettings } from "../../support/service.ts";

const service = await startService({ EMAIL_VERIFICATION: "required" });
const { api, clock, services } = service;
const { register, logIn, verify, resend, mailed, mailsTo } = createAccountCalls(service);
const another = "another pass phrase";

async function verified(email = newAddress(), given = password): Promise<string> {
  expect((await register(email, { password: given })).status).toBe(202);
  expect((await verify({ token: (await mailed("verify_email", email)).token })).status).toBe(200);
  return email;
}
/** Changes an account by hand. */
async function change(email: string, columns: { is_active: boolean; erase_at?: Date }): Promise<void> {
  const db = services.database.queries.withTables<{ users: { email: string; is_active: boolean; erase_at: Date } }>();
  await db.updateTable("users").set(columns).where("email", "=", email).execute();
}
const codeOf = async (email: string, given = password) => (await logIn(email, given)).json.error_code;

describe("where verification is required, registering", () => {
  test("answers alike for a new address, a waiting one and a known one", async () => {
    const [fresh, known] = [newAddress(), await verified()];
    const answers = [await register(fresh), await register(fresh), await register(known), await register(known)];
    const [first] = answers;
    expect(first?.status).toBe(202);
    expect(first?.json.data).toEqual({ verification: "sent" });
    for (const answer of answers) expect(visible(answer)).toEqual(visible(first ?? answer));
  });

  test("tells the owner of a known address once an hour at most, even of 20 calls at once", async () => {
    const known = await verified();
    await Promise.all(Array.from({ length: 20 }, () => register(known.toUpperCase())));
    expect(await mailsTo("already_registered", known)).toBe(1);
    clock.advance(3599);
    await register(known);
    expect(await mailsTo("already_registered", known)).toBe(1);
    clock.advance(1);
    await register(known);
    expect(await mailsTo("already_registered", known)).toBe(2);
    expect(await mailsTo("verify_email", known)).toBe(1);
  });

  test("writes to an inactive account's address nothing at all", async () => {
    const email = await verified();
    await change(email, { is_active: false });
    expect((await register(email)).status).toBe(202);
    expect([await mailsTo("already_registered", email), await mailsTo("verify_email", email)]).toEqual([0, 1]);
    expect((await resend(email)).status).toBe(202);
    expect(await mailsTo("verify_email", email)).toBe(1);
  });

  test("a refused password is told before anything is done", async () => {
    const email = newAddress();
    expect((await register(email, { password: "short" })).status).toBe(422);
    expect(await mailsTo("verify_email", email)).toBe(0);
  });
});

describe("where verification is required, a login before it", () => {
  test("is refused with the right password alone; with another as for an unknown address", async () => {
    const email = newAddress();
    await register(email);
    const right = await logIn(email);
    expect([right.status, right.json.error_code]).toEqual([403, "EMAIL_NOT_VERIFIED"]);
    expect(visible(await logIn(email, another))).toEqual(visible(await logIn(newAddress(), another)));
    await verify({ token: (await mailed("verify_email", email)).token });
    expect((await logIn(email)).status).toBe(200);
  });

  test("tells whoever has registered an address themselves nothing of its account", async () => {
    const people = { known: await verified(), inactive: await verified(), deleted: await verified() };
    await change(people.inactive, { is_active: false });
    await change(people.deleted, { is_active: false, erase_at: new Date("2027-01-01T00:00:00Z") });
    const unknown = newAddress();
    const answerTo = async (email: string) => {
      await register(email, { username: "Mallory", password: another });
      return visible(await logIn(email, another));
    };
    const hashing = vi.spyOn(services.passwords, "verify");
    const answer = await answerTo(unknown);
    expect(answer).toMatchObject({ status: 403, body: { error_code: "EMAIL_NOT_VERIFIED" } });
    for (const [who, email] of Object.entries(people)) expect(await answerTo(email), who).toEqual(answer);
    expect(hashing).toHaveBeenCalledTimes(2 * 4);
    hashing.mockRestore();
    expect((await logIn(people.known)).status).toBe(200);
    expect(await codeOf(people.deleted)).toBe("ACCOUNT_DELETION_PENDING");
    expect([await codeOf(people.inactive), await codeOf(people.known, "a third pass phrase")]).toEqual([
      "INVALID_CREDENTIALS",
      "INVALID_CREDENTIALS",
    ]);
  });

  test("is refused to an account from before verification was required", async () => {
    const optional = newAddress();
    withSettings(service, { EMAIL_VERIFICATION: "optional" });
    expect((await register(optional)).status).toBe(201);
    withSettings(service, { EMAIL_VERIFICATION: "required" });
    expect(await codeOf(optional)).toBe("EMAIL_NOT_VERIFIED");
    expect(await codeOf(optional, another)).toBe("INVALID_CREDENTIALS");
    await resend(optional);
    await verify({ token: (await mailed("verify_email", optional)).token });
    expect((await logIn(optional)).status).toBe(200);
  });
});

describe("pre-hijacking: an address that nobody has proven belongs to nobody;", () => {
  test("each registration's mail completes that one, with its name and password, and ends the others", async () => {
    const email = newAddress();
    await register(email, { username: "Mallory" });
    const mallorys = await mailed("verify_email", email);
    clock.advance(1);
    await register(email, { username: "Ada", password: another });
    const adas = await mailed("verify_email", email);
    expect([await codeOf(email), await codeOf(email, another)]).toEqual(["INVALID_CREDENTIALS", "EMAIL_NOT_VERIFIED"]);
    expect((await verify({ token: adas.token })).status).toBe(200);
    expectDead(await verify({ token: mallorys.token }));
    if (mallorys.code !== adas.code) expectDead(await verify({ email, code: mallorys.code }));
    const answer = await logIn(email, another);
    expect([answer.status, answer.json.data.user.username]).toEqual([200, "Ada"]);
    expect(await codeOf(email)).toBe("INVALID_CREDENTIALS");
  });

  test("of two links opened at once, one registration is completed, and the other refused", async () => {
    for (let round = 0; round < 10; round += 1) {
      const email = newAddress();
      const passwords = [password, another];
      const tokens: string[] = [];
      for (const given of passwords) {
        await register(email, { password: given });
        tokens.push((await mailed("verify_email", email)).token);
      }
      const answers = await Promise.all(tokens.map((token) => verify({ token })));
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 400]);
      const winner = answers.findIndex(({ status }) => status === 200);
      const logins = await Promise.all(passwords.map((given) => logIn(email, given)));
      expect(logins.map(({ status }) => status)).toEqual(winner === 0 ? [200, 401] : [401, 200]);
    }
  });

  test("an account from before, with its sessions and devices, goes to who proves the address", async () => {
    const email = newAddress();
    withSettings(service, { EMAIL_VERIFICATION: "optional" });
    await register(email, { username: "Mallory" });
    const mallory = await signIn(api, email);
    withSettings(service, { EMAIL_VERIFICATION: "required" });
    await register(email, { username: "Ada", password: another });
    expect((await verify({ token: (await mailed("verify_email", email)).token })).status).toBe(200);
    expect(await meStatus(api, mallory)).toBe(401);
    expect(await codeOf(email)).toBe("INVALID_CREDENTIALS");
    const { user } = (await logIn(email, another)).json.data;
    expect(user).toMatchObject({ username: "Ada", email_verified: true });
    expect(await services.accounts.listDevices(user.id), "Ada's alone").toHaveLength(1);
  });

  test("a registration whose address got an owner in the meantime is over", async () => {
    const email = newAddress();
    await register(email, { password: another });
    const { token } = await mailed("verify_email", email);
    await verified(email);
    expectDead(await verify({ token }));
    expect(await codeOf(email, another)).toBe("INVALID_CREDENTIALS");
  });
});

test("after 7 days a registration is over, and the address is free", async () => {
  const email = newAddress();
  await register(email);
  clock.advance(7 * 86_400);
  expect(await codeOf(email)).toBe("INVALID_CREDENTIALS");
  await resend(email);
  expect(await mailsTo("verify_email", email)).toBe(1);
  await verified(email, another);
  expect((await logIn(email, another)).status).toBe(200);
});
