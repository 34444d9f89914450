import { beforeEach, describe, expect, test } from "vitest";
import { latestMail } from "../../support/mails.ts";
import { meStatus, newDevice, password, refresh, signIn, toDevice, type Device } from "../../support/people.ts";
import { startSocialService } from "../../support/social.ts";

const { api, clock, services, issuer, logLines } = await startSocialService({ ACCOUNT_DELETION_GRACE_DAYS: "1" });
const day = 86_400;

const undo = (token: string) => api.post("/auth/email/undo", { body: { token } });
const reset = (token: string, chosen: string) =>
  api.post("/auth/password/reset", { body: { token, password: chosen } });
const login = (email: string, chosen = password) => api.post("/auth/login", { body: { email, password: chosen } });
const emailOf = async ({ accessToken: bearer }: Device) => (await api.get("/auth/me", { bearer })).json.data.user.email;

let count = 0;
const freshAddress = () => `thief${(count += 1)}@example.com`;

/** Gives the account of a device another address. @returns the token that undoes it */
async function move({ accessToken: bearer, cookie }: Device, to = freshAddress()): Promise<string> {
  const from = await emailOf({ accessToken: bearer } as Device);
  expect((await api.post("/auth/email/change", { bearer, cookie, body: { email: to } })).status).toBe(202);
  const { token } = (await latestMail(services, "confirm_email", to)).data;
  expect((await api.post("/auth/email/confirm", { body: { token } })).status).toBe(200);
  return (await latestMail(services, "email_changed", from)).data.token;
}

beforeEach(() => clock.advance(3600));

describe("POST /auth/email/undo", () => {
  test("restores the old address as verified, ends all sessions, and leads to a new password", async () => {
    const device = await newDevice(api);
    const stranger = freshAddress();
    const token = await move(device, stranger);
    const other = await signIn(api, stranger);
    clock.advance(7 * day - 1);
    const answer = await undo(token);
    expect(answer.status).toBe(200);
    const { reset_token: resetToken, ...rest } = answer.json.data;
    expect(rest).toEqual({ email: device.email, password_min_length: 15 });
    for (const session of [device, other]) {
      expect((await refresh(api, session.cookie)).status).toBe(401);
      expect(await meStatus(api, session)).toBe(401);
    }
    // The password may be the thief's: there is none until the owner has chosen one.
    for (const email of [device.email, stranger]) expect((await login(email)).status).toBe(401);
    expect((await reset(resetToken, "a pass phrase of my own")).status).toBe(200);
    const owner = toDevice(device.email, await login(device.email, "a pass phrase of my own"));
    const { json } = await api.get("/auth/me", { bearer: owner.accessToken });
    expect(json.data.user).toMatchObject({ email: device.email, email_verified: true });
  });

  test("removes linked identities, links in mails and a pending change", async () => {
    const device = await newDevice(api);
    const stranger = freshAddress();
    const token = await move(device, stranger);
    const { accessToken: bearer, cookie } = device;
    const link = { id_token: await issuer.idToken({ nonce: "n", sub: "thief" }), nonce: "n" };
    expect((await api.post("/auth/me/identities/acme", { bearer, cookie, body: link })).status).toBe(200);
    await api.post("/auth/password/forgot", { body: { email: stranger } });
    const thiefsReset = (await latestMail(services, "reset_password", stranger)).data.token;
    const next = freshAddress();
    await api.post("/auth/email/change", { bearer, cookie, body: { email: next } });
    const thiefsChange = (await latestMail(services, "confirm_email", next)).data.token;
    expect((await undo(token)).status).toBe(200);
    expect((await reset(thiefsReset, "a pass phrase of a thief")).status).toBe(400);
    expect((await api.post("/auth/email/confirm", { body: { token: thiefsChange } })).status).toBe(400);
    const idToken = await issuer.idToken({ nonce: "n", sub: "thief" });
    const body = { id_token: idToken, nonce: "n", transport: "body" };
    const signedIn = await api.post("/auth/oauth/acme", { body });
    expect(signedIn.json.data.user.email).not.toBe(device.email);
  });

  test("works whatever the thief does: another password, a reset, another change, a deletion", async () => {
    const device = await newDevice(api);
    const stranger = freshAddress();
    const token = await move(device, stranger);
    const { accessToken: bearer, cookie } = device;
    const changed = { current_password: password, password: "a pass phrase of a thief" };
    expect((await api.post("/auth/password/change", { bearer, cookie, body: changed })).status).toBe(200);
    await api.post("/auth/password/forgot", { body: { email: stranger } });
    const { token: resetToken } = (await latestMail(services, "reset_password", stranger)).data;
    expect((await reset(resetToken, "another phrase of a thief")).status).toBe(200);
    const again = toDevice(stranger, await login(stranger, "another phrase of a thief"));
    const second = await move(again);
    const deleted = await api.send("DELETE", "/auth/me", { bearer: again.accessToken, cookie: again.cookie });
    // The grace period is a day, but the account waits for the undo.
    const undoable = new Date(clock.now().getTime() + 7 * day * 1000);
    expect(new Date(deleted.json.data.erased_at).getTime()).toBeGreaterThanOrEqual(undoable.getTime());
    clock.advance(6 * day);
    const answer = await undo(token);
    expect(answer.status).toBe(200);
    expect((await reset(answer.json.data.reset_token, "a pass phrase of my own")).status).toBe(200);
    expect((await login(device.email, "a pass phrase of my own")).status).toBe(200);
    // The thief's own address has no way back.
    expect((await undo(second)).json.error_code).toBe("TOKEN_INVALID_OR_EXPIRED");
  });

  test("of several changes each link restores its own address, and an earlier one outlives a later one", async () => {
    const device = await newDevice(api);
    const [second, third] = [freshAddress(), freshAddress()];
    const toFirst = await move(device, second);
    const toSecond = await move(device, third);
    const back = await undo(toSecond);
    expect(back.json.data.email).toBe(second);
    const first = await undo(toFirst);
    expect([first.status, first.json.data.email]).toEqual([200, device.email]);
    // The reset that the later undo led to has ended.
    expect((await reset(back.json.data.reset_token, "a pass phrase of a thief")).status).toBe(400);
    expect((await reset(first.json.data.reset_token, "a pass phrase of my own")).status).toBe(200);
  });

  test("an unproven account that has the address meanwhile loses it", async () => {
    const device = await newDevice(api);
    const token = await move(device);
    const squatter = { email: device.email, username: "Squatter", password };
    expect((await api.post("/auth/register", { body: squatter })).status).toBe(201);
    const held = toDevice(device.email, await login(device.email));
    expect((await undo(token)).json.data.email).toBe(device.email);
    expect(await emailOf(held)).toBeNull();
    expect((await login(device.email)).status).toBe(401);
  });

  test("an account that has proven the address meanwhile keeps it: 409, and the link stays good", async () => {
    const device = await newDevice(api);
    const token = await move(device);
    const owner = { email: device.email, username: "Owner", password };
    expect((await api.post("/auth/register", { body: owner })).status).toBe(201);
    const { token: proof } = (await latestMail(services, "verify_email", device.email)).data;
    expect((await api.post("/auth/email/verify", { body: { token: proof } })).status).toBe(200);
    const answer = await undo(token);
    expect([answer.status, answer.json.error_code]).toEqual([409, "EMAIL_ALREADY_REGISTERED"]);
    expect(await meStatus(api, device)).toBe(200);
    await move(toDevice(device.email, await login(device.email)));
    expect((await undo(token)).status).toBe(200);
  });

  test("an account that an operator has deactivated gets its address back, and stays inactive", async () => {
    const device = await newDevice(api);
    const token = await move(device);
    const db = services.database.queries.withTables<{ users: { email: string; is_active: boolean } }>();
    const email = `thief${count}@example.com`;
    await db.updateTable("users").set({ is_active: false }).where("email", "=", email).execute();
    const answer = await undo(token);
    expect(answer.json.data.email).toBe(device.email);
    expect((await reset(answer.json.data.reset_token, "a pass phrase of my own")).status).toBe(400);
    expect((await login(device.email)).status).toBe(401);
  });

  test("20 at once: one restores; used, expired, truncated or foreign: one and the same 400", async () => {
    const device = await newDevice(api);
    const token = await move(device);
    const answers = await Promise.all(Array.from({ length: 20 }, () => undo(token)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const other = await newDevice(api);
    const late = await move(other);
    clock.advance(7 * day);
    const dead = [token, late, late.slice(1), "", "A".repeat(60_000), "\u0000"];
    for (const answer of [...(await Promise.all(dead.map(undo))), ...answers.filter(({ status }) => status !== 200)])
      expect([answer.status, answer.json.error_code]).toEqual([400, "TOKEN_INVALID_OR_EXPIRED"]);
  });

  test("no token and no address is in a log", async () => {
    const device = await newDevice(api);
    const stranger = freshAddress();
    const token = await move(device, stranger);
    const { token: confirmed } = (await latestMail(services, "confirm_email", stranger)).data;
    await undo(`${token}x`);
    const { reset_token: resetToken } = (await undo(token)).json.data;
    await undo(token);
    const lines = logLines.join("\n");
    expect(lines).toContain("account.email_change_undone");
    for (const secret of [token, confirmed, resetToken, stranger]) expect(lines).not.toContain(secret);
  });
});
