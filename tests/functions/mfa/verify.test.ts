import { describe, expect, test } from "vitest";
import { claimsOf } from "../../support/clients.ts";
import { latestMail, postedMails } from "../../support/mails.ts";
import { newDevice, password, refresh, toDevice } from "../../support/people.ts";
import { createFactorCalls } from "../../support/second-factors.ts";
import { startService } from "../../support/service.ts";

const service = await startService();
const { api, clock, services, logLines } = service;
const { protectedPerson, recoveryCodes, challenge, verify, totp, wrongCode, send } = createFactorCalls(service);

const db = services.database.queries.withTables<{
  users: { email: string; last_login_at: Date | null; id: string };
  sessions: { user_id: string; id: string };
  devices: { user_id: string; device_hash: Buffer };
}>();

describe("20.1 the right password of an account with a second factor", () => {
  test("is answered with what is due, and no session", async () => {
    const person = await protectedPerson();
    const { answer } = await challenge(person.email);
    expect(answer.json.data).toEqual({
      mfa_required: true,
      mfa_token: expect.stringMatching(/^[\w-]{43}$/),
      methods: ["totp"],
      expires_in: 300,
    });
    expect(answer.setCookies).toEqual([expect.stringMatching(/^latchkey_device=/)]);
    expect(answer.headers.get("cache-control")).toBe("no-store");
  });

  test('says with `transport: "body"` which device may go on', async () => {
    const { email, secret } = await protectedPerson();
    const answer = await api.post("/auth/login", { body: { email, password, transport: "body" } });
    expect(answer.setCookies).toEqual([]);
    const { mfa_token: token, device_id: device } = answer.json.data;
    const shown = { mfa_token: token, ...totp({ secret }), transport: "body", device_id: device };
    const done = await api.post("/auth/mfa/verify", { body: shown });
    expect([done.status, done.json.data.device_id, done.setCookies]).toEqual([200, device, []]);
    expect(done.json.data.refresh_token).toMatch(/^[\w-]{43}$/);
  });

  test("changes nothing: no session, no device, no time of the last sign-in, and the browser's session goes on", async () => {
    const { email, device } = await protectedPerson();
    const state = async () => {
      const [user] = await db.selectFrom("users").select(["id", "last_login_at"]).where("email", "=", email).execute();
      const id = user?.id ?? "";
      const sessions = await db.selectFrom("sessions").select("id").where("user_id", "=", id).execute();
      const devices = await db.selectFrom("devices").select("device_hash").where("user_id", "=", id).execute();
      return [user, sessions, devices, (await postedMails(services)).filter(({ to }) => to === email).length];
    };
    const before = await state();
    await challenge(email, { cookie: device.cookie });
    expect(await state()).toEqual(before);
    expect((await refresh(api, device.cookie)).status).toBe(200);
  });

  test("ASVS 6.3.8: a wrong password tells nothing of a second factor", async () => {
    const { email } = await protectedPerson();
    const plain = (await newDevice(api)).email;
    const answers = await Promise.all(
      [email, plain, "nobody@example.com"].map((each) =>
        api.post("/auth/login", { body: { email: each, password: "another password" } }),
      ),
    );
    expect(new Set(answers.map(({ status, json }) => `${status} ${json.error_code} ${json.message}`)).size).toBe(1);
  });
});

describe("POST /auth/mfa/verify", () => {
  test("RFC 8176, RFC 9068: a right code signs in, and the tokens say how and when", async () => {
    const person = await protectedPerson();
    const begun = await challenge(person.email);
    const first = Math.floor(clock.now().getTime() / 1000);
    clock.advance(45);
    const answer = await verify(begun, totp(person));
    expect([answer.status, answer.json.data.user.email]).toEqual([200, person.email]);
    expect(answer.json.data.user.last_login).toBe(clock.now().toISOString());
    const claims = { amr: ["pwd", "otp", "mfa"], acr: "aal2", auth_time: first };
    expect(claimsOf(answer.json.data.access_token)).toMatchObject(claims);
    const again = await refresh(api, answer.cookie ?? "");
    expect(claimsOf(again.json.data.access_token)).toMatchObject(claims);
  });

  test("a recovery code signs in once, and its owner is told how many are left", async () => {
    const person = await protectedPerson();
    const [code = ""] = await recoveryCodes(person);
    const begun = await challenge(person.email);
    expect(begun.answer.json.data.methods).toEqual(["totp", "recovery"]);
    const answer = await verify(begun, { method: "recovery", code: code.toLowerCase().replaceAll("-", " ") });
    expect(answer.status).toBe(200);
    expect(claimsOf(answer.json.data.access_token)).toMatchObject({ amr: ["pwd", "mfa"], acr: "aal2" });
    expect((await latestMail(services, "recovery_code_used", person.email)).data).toMatchObject({ left: 9 });
    const refused = await verify(await challenge(person.email), { method: "recovery", code });
    expect([refused.status, refused.json.error_code]).toEqual([401, "MFA_CODE_INVALID"]);
  });

  test("a wrong code leaves the token good, the fifth ends it", async () => {
    const person = await protectedPerson();
    const begun = await challenge(person.email);
    const wrong = { method: "totp", code: wrongCode(person) };
    for (let count = 0; count < 4; count += 1)
      expect((await verify(begun, wrong)).json.error_code).toBe("MFA_CODE_INVALID");
    expect((await verify(begun, totp(person))).status).toBe(200);
    clock.advance(30);
    const other = await challenge(person.email);
    for (let count = 0; count < 5; count += 1) expect((await verify(other, wrong)).status).toBe(401);
    const late = await verify(other, totp(person));
    expect([late.status, late.json.error_code]).toEqual([401, "MFA_TOKEN_INVALID"]);
  });

  test("a code that was used is wrong, and the token stays good for the next one", async () => {
    const person = await protectedPerson();
    const [one, two] = [await challenge(person.email), await challenge(person.email)];
    expect((await verify(one, totp(person))).status).toBe(200);
    expect((await verify(two, totp(person))).json.error_code).toBe("MFA_CODE_INVALID");
    clock.advance(30);
    expect((await verify(two, totp(person))).status).toBe(200);
  });

  test.each([
    ["an unknown token", (body: object) => ({ ...body, mfa_token: "A".repeat(43) })],
    ["no token", ({ mfa_token: _left, ...body }: { mfa_token?: string }) => body],
    ["a refresh token", (body: object) => ({ ...body, mfa_token: "refresh" })],
  ])("%s is refused", async (_what, change) => {
    const person = await protectedPerson();
    const { mfaToken, cookie } = await challenge(person.email);
    const answer = await api.post("/auth/mfa/verify", {
      cookie,
      body: change({ mfa_token: mfaToken, ...totp(person) }),
    });
    expect([answer.status, answer.json.error_code]).toEqual([401, "MFA_TOKEN_INVALID"]);
  });

  test("a token is good on the device that showed the first factor, and on no other", async () => {
    const person = await protectedPerson();
    const [mine, theirs] = [await challenge(person.email), await challenge(person.email)];
    for (const cookie of [theirs.cookie, "", `latchkey_device=${"A".repeat(87)}`]) {
      const answer = await verify({ ...mine, cookie }, totp(person));
      expect([answer.status, answer.json.error_code]).toEqual([401, "MFA_TOKEN_INVALID"]);
    }
    expect((await verify(mine, totp(person))).status).toBe(200);
  });

  test("a token is good for five minutes", async () => {
    const person = await protectedPerson();
    const [early, late] = [await challenge(person.email), await challenge(person.email)];
    clock.advance(299);
    expect((await verify(early, totp(person))).status).toBe(200);
    clock.advance(1);
    expect((await verify(late, totp(person))).json.error_code).toBe("MFA_TOKEN_INVALID");
  });

  test("20.9: a token ends with the password that it was given for, the address, the last factor, and the account", async () => {
    const changes = {
      "a change": ({ device }: Awaited<ReturnType<typeof protectedPerson>>) =>
        send("POST", "/auth/password/change", device, { current_password: password, password: "seven grey herons" }),
      "the last factor's removal": ({ device, factorId }: Awaited<ReturnType<typeof protectedPerson>>) =>
        send("DELETE", `/auth/mfa/totp/${factorId}`, device),
      "another address": async ({ device, email }: Awaited<ReturnType<typeof protectedPerson>>) => {
        expect((await send("POST", "/auth/email/change", device, { email: `new.${email}` })).status).toBe(202);
        const { token } = (await latestMail(service.services, "confirm_email", `new.${email}`)).data;
        return api.post("/auth/email/confirm", { body: { token } });
      },
      deletion: ({ device }: Awaited<ReturnType<typeof protectedPerson>>) => send("DELETE", "/auth/me", device),
    };
    for (const [what, change] of Object.entries(changes)) {
      const person = await protectedPerson();
      const begun = await challenge(person.email);
      expect((await change(person)).status, what).toBe(200);
      expect((await verify(begun, totp(person))).json.error_code, what).toBe("MFA_TOKEN_INVALID");
    }
  });

  test("the session that it begins replaces the browser's own", async () => {
    const person = await protectedPerson();
    const { cookie, ...begun } = await challenge(person.email);
    const answer = await verify({ ...begun, cookie: `${cookie}; ${person.device.cookie}` }, totp(person));
    expect(answer.status).toBe(200);
    expect((await refresh(api, person.device.cookie)).status).toBe(401);
    const mine = toDevice(person.email, answer);
    expect((await api.get("/auth/me", { bearer: mine.accessToken })).status).toBe(200);
  });

  test("its refusals and successes are in the log, and no code or token", async () => {
    const person = await protectedPerson();
    const begun = await challenge(person.email);
    const before = logLines.length;
    const [wrong, right] = [wrongCode(person), totp(person)];
    await verify(begun, { method: "totp", code: wrong });
    await verify(begun, right);
    const lines = logLines.slice(before).join("\n");
    for (const type of ["mfa.failed", "mfa.succeeded", "sign_in.succeeded"]) expect(lines).toContain(`"${type}"`);
    for (const secret of [begun.mfaToken, person.secret, right.code]) expect(lines).not.toContain(secret);
  });
});
