import { describe, expect, test } from "vitest";
import { latestMail, postedMails } from "../../support/mails.ts";
import { meStatus, newDevice, password, refresh, signIn, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, clock, services, logLines } = await startService();
const day = 86_400;

const remove = ({ accessToken: bearer, cookie }: Device, body?: object) =>
  api.send("DELETE", "/auth/me", { bearer, cookie, ...(body && { body }) });
const register = (email: string) => api.post("/auth/register", { body: { email, username: "Anew", password } });

describe("DELETE /auth/me", () => {
  test("deactivates the account at once, ends its sessions, and tells the owner until when it can be kept", async () => {
    const device = await newDevice(api);
    const other = await signIn(api, device.email);
    const bystander = await newDevice(api);
    const answer = await remove(device);
    const erasedAt = new Date(clock.now().getTime() + 30 * day * 1000).toISOString();
    expect([answer.status, answer.json.data]).toEqual([200, { erased_at: erasedAt }]);
    expect(answer.setCookies[0]).toMatch(/^refresh_token=; Max-Age=0;/i);
    for (const session of [device, other]) {
      expect(await meStatus(api, session)).toBe(401);
      expect((await refresh(api, session.cookie)).status).toBe(401);
    }
    expect(await meStatus(api, bystander)).toBe(200);
    const mail = await latestMail(services, "deletion_requested", device.email);
    expect(mail.data).toEqual({ username: expect.stringMatching(/^Person/), erasedAt });
    expect(logLines.filter((line) => line.includes("account.deletion_requested"))).toHaveLength(1);
    // The address stays taken until then.
    expect((await register(device.email)).status).toBe(409);
  });

  test("twice at once: one takes effect, and one mail goes out", async () => {
    const device = await newDevice(api);
    const before = (await postedMails(services)).length;
    const answers = await Promise.all([remove(device), remove(device), remove(device)]);
    const statuses = answers.map(({ status }) => status);
    // The calls have one instant, so one that comes second may find its own work done.
    expect(statuses).toContain(200);
    for (const status of statuses) expect([200, 401]).toContain(status);
    expect((await postedMails(services)).length).toBeGreaterThan(before);
    expect((await remove(device)).status).toBe(401);
  });

  test("with the refresh token in the body", async () => {
    const device = await newDevice(api);
    const answer = await remove({ ...device, cookie: "" }, { refresh_token: device.refreshToken });
    expect(answer.status).toBe(200);
  });

  test.each([
    ["no refresh token", 0, { cookie: "" }, "SESSION_PROOF_REQUIRED"],
    ["an old sign-in", 301, {}, "REAUTHENTICATION_REQUIRED"],
  ])("with %s, refuses, and the account lives on", async (_what, seconds, change, code) => {
    const device = await newDevice(api);
    clock.advance(seconds);
    const answer = await remove({ ...device, ...change });
    expect([answer.status, answer.json.error_code]).toEqual([403, code]);
    expect(await meStatus(api, device)).toBe(200);
  });

  test("another's refresh token does not prove the session", async () => {
    const [device, other] = [await newDevice(api), await newDevice(api)];
    const answer = await remove({ ...device, cookie: other.cookie });
    expect([answer.status, answer.json.error_code]).toEqual([403, "SESSION_PROOF_REQUIRED"]);
    expect([await meStatus(api, device), await meStatus(api, other)]).toEqual([200, 200]);
  });
});
