import { describe, expect, test } from "vitest";
import { eraseDueAccounts } from "../../../shared/flows/maintenance/erase-accounts.ts";
import { contextOf } from "../../support/context.ts";
import { latestMail, postedMails } from "../../support/mails.ts";
import { meStatus, newDevice, password, registerPerson, signIn, type Device } from "../../support/people.ts";
import { createBrowser, home, startSocialService } from "../../support/social.ts";

const service = await startSocialService();
const { api, clock, services, issuer, exchange, logLines } = service;
const day = 86_400;

const cancel = (body: object) => api.post("/auth/me/deletion/cancel", { body });
const login = (email: string, typed = password) => api.post("/auth/login", { body: { email, password: typed } });

/** A person who has deleted their account. */
async function deleted(): Promise<Device> {
  const device = await newDevice(api);
  await remove(device);
  return device;
}

async function remove({ accessToken: bearer, cookie }: Device): Promise<void> {
  expect((await api.send("DELETE", "/auth/me", { bearer, cookie })).status).toBe(200);
}

describe("signing in to a deleted account", () => {
  test("says 403 and until when it can be kept, after the right password only", async () => {
    const { email } = await deleted();
    const answer = await login(email);
    const erasedAt = new Date(clock.now().getTime() + 30 * day * 1000).toISOString();
    expect([answer.status, answer.json.error_code, answer.json.details]).toEqual([
      403,
      "ACCOUNT_DELETION_PENDING",
      { erased_at: erasedAt },
    ]);
    expect(answer.setCookies).toEqual([]);
    const [wrong, unknown] = [await login(email, "not my pass phrase"), await login("nobody@example.com")];
    for (const refused of [wrong, unknown])
      expect([refused.status, refused.json.error_code]).toEqual([401, "INVALID_CREDENTIALS"]);
  });

  test("by a provider: an app gets the same, and a browser's page is told", async () => {
    const person = { sub: "leaving", email: "leaving@example.com", email_verified: true };
    const { data } = (await exchange(person)).json;
    const proof = { refresh_token: data.refresh_token };
    const removed = await api.send("DELETE", "/auth/me", { bearer: data.access_token, body: proof });
    expect(removed.status).toBe(200);
    const answer = await exchange(person);
    expect([answer.status, answer.json.error_code]).toEqual([403, "ACCOUNT_DELETION_PENDING"]);
    const sent = await service.signIn(createBrowser(), person);
    expect(sent.href).toBe(`${home}?error=ACCOUNT_DELETION_PENDING#`);
    // Another subject with the same proven address does not take the account over either.
    const other = await exchange({ ...person, sub: "another" });
    expect(other.status).not.toBe(200);
  });

  test("an account that an operator has deactivated says what it always did", async () => {
    const email = await registerPerson(api);
    const db = services.database.queries.withTables<{ users: { email: string; is_active: boolean } }>();
    await db.updateTable("users").set({ is_active: false }).where("email", "=", email).execute();
    for (const answer of [await login(email), await cancel({ email, password })])
      expect([answer.status, answer.json.error_code]).toEqual([401, "INVALID_CREDENTIALS"]);
    expect((await login(email)).status).toBe(401);
  });

  test("a reset works, and cancels nothing", async () => {
    const { email } = await deleted();
    await api.post("/auth/password/forgot", { body: { email } });
    const { token } = (await latestMail(services, "reset_password", email)).data;
    const chosen = "a new pass phrase of mine";
    expect((await api.post("/auth/password/reset", { body: { token, password: chosen } })).status).toBe(200);
    expect((await login(email, chosen)).json.error_code).toBe("ACCOUNT_DELETION_PENDING");
    expect((await cancel({ email, password })).status).toBe(401);
    expect((await cancel({ email, password: chosen })).status).toBe(200);
    expect((await login(email, chosen)).status).toBe(200);
  });
});

describe("POST /auth/me/deletion/cancel", () => {
  test("keeps the account and tells its owner, but starts no session", async () => {
    const device = await deleted();
    clock.advance(29 * day);
    const answer = await cancel({ email: device.email.toUpperCase(), password });
    expect([answer.status, answer.json.data, answer.setCookies]).toEqual([200, { deletion_cancelled: true }, []]);
    expect(await meStatus(api, device)).toBe(401);
    expect(await latestMail(services, "deletion_cancelled", device.email)).toBeDefined();
    expect(logLines.filter((line) => line.includes("account.deletion_cancelled"))).not.toHaveLength(0);
    clock.advance(30 * day);
    await eraseDueAccounts(contextOf(services));
    await signIn(api, device.email);
  });

  test("tells nothing of a password of an account in use, kept or never deleted, and its owner sees the attempt", async () => {
    const kept = await deleted();
    await cancel({ email: kept.email, password });
    const before = (await postedMails(services)).length;
    for (const { email } of [kept, await newDevice(api)]) {
      const [right, wrong] = [
        await cancel({ email, password }),
        await cancel({ email, password: "not my pass phrase" }),
      ];
      expect([right.status, right.json.error_code]).toEqual([401, "INVALID_CREDENTIALS"]);
      const { timestamp: _one, ...first } = right.json;
      const { timestamp: _other, ...second } = wrong.json;
      expect(first).toEqual(second);
      const { accessToken: bearer } = await signIn(api, email);
      const { data } = (await api.get("/auth/me/activity", { bearer })).json;
      const types = data.events.map(({ type }: { type: string }) => type);
      expect(types.filter((type: string) => type === "account.deletion_cancel_failed")).toHaveLength(2);
    }
    const since = (await postedMails(services)).slice(before).map(({ template }) => template);
    expect(since).not.toContain("deletion_cancelled");
  });

  test("10 at once: the account is kept, those that came too late are refused, and one mail goes out", async () => {
    const { email } = await deleted();
    const answers = await Promise.all(Array.from({ length: 10 }, () => cancel({ email, password })));
    expect(answers.map(({ status }) => status)).toContain(200);
    for (const { status } of answers) expect([200, 401]).toContain(status);
    expect((await login(email)).status).toBe(200);
    const sent = (await postedMails(services)).filter(
      ({ template, to }) => template === "deletion_cancelled" && to === email,
    );
    expect(sent).toHaveLength(1);
  });

  test("unknown addresses and wrong passwords get the same 401, and nothing changes", async () => {
    const { email } = await deleted();
    const wrong = await cancel({ email, password: "not my pass phrase" });
    const unknown = await cancel({ email: "nobody@example.com", password });
    expect(wrong.status).toBe(401);
    const { timestamp: _one, ...first } = wrong.json;
    const { timestamp: _other, ...second } = unknown.json;
    expect(first).toEqual(second);
    expect((await login(email)).json.error_code).toBe("ACCOUNT_DELETION_PENDING");
  });

  test("by an identity at a provider; one that nobody has linked proves nothing", async () => {
    const person = { sub: "returning", email: "returning@example.com", email_verified: true };
    const { data } = (await exchange(person)).json;
    const proof = { refresh_token: data.refresh_token };
    await api.send("DELETE", "/auth/me", { bearer: data.access_token, body: proof });
    const by = async (sub: string) => ({
      provider: "acme",
      id_token: await issuer.idToken({ nonce: "n", sub }),
      nonce: "n",
    });
    const foreign = await cancel(await by("unknown"));
    expect([foreign.status, foreign.json.error_code]).toEqual([401, "INVALID_CREDENTIALS"]);
    expect((await exchange(person)).status).toBe(403);
    const answer = await cancel(await by("returning"));
    expect([answer.status, answer.setCookies]).toEqual([200, []]);
    expect((await exchange(person)).status).toBe(200);
    expect((await cancel(await by("returning"))).json.error_code, "in use").toBe("INVALID_CREDENTIALS");
  });

  test.each([
    [{}, "email"],
    [{ email: "ada@example.com" }, "password"],
    [{ password }, "email"],
    [{ email: "ada@example.com", password, provider: "acme" }, "provider"],
    [{ provider: "acme" }, "code"],
    [{ provider: "acme", id_token: "x" }, "nonce"],
    [{ email: "no address", password }, "email"],
    [{ email: "ada@example.com", password, scope: "all" }, "scope"],
  ])("%j is refused and named: %s", async (body, field) => {
    const answer = await cancel(body);
    expect([answer.status, answer.json.details.fields[0].field]).toEqual([422, field]);
  });

  test("an unknown provider: 404", async () => {
    const answer = await cancel({ provider: "nobody", id_token: "x", nonce: "n" });
    expect([answer.status, answer.json.error_code]).toEqual([404, "PROVIDER_NOT_CONFIGURED"]);
  });
});
