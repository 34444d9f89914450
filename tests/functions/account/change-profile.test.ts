import { describe, expect, test } from "vitest";
import { newDevice, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, clock, logLines } = await startService();

const change = ({ accessToken: bearer }: Device, body: unknown) => api.send("PATCH", "/auth/me", { bearer, body });
const read = async ({ accessToken: bearer }: Device) => (await api.get("/auth/me", { bearer })).json.data.user;

describe("PATCH /auth/me", () => {
  test("changes what is given, answers the user, and nothing else changes", async () => {
    const device = await newDevice(api);
    const before = await read(device);
    clock.advance(60);
    const named = await change(device, { username: "Countess <b>Ada</b> 李" });
    expect([named.status, named.json.data.user]).toEqual([
      200,
      { ...before, username: "Countess <b>Ada</b> 李", updated_at: clock.now().toISOString() },
    ]);
    const spoken = await change(device, { locale: "de-at" });
    expect(spoken.json.data.user).toMatchObject({ username: "Countess <b>Ada</b> 李", locale: "de-AT" });
    const both = await change(device, { username: "Ada", locale: null });
    expect(both.json.data.user).toMatchObject({ username: "Ada", locale: null });
    expect(await read(device)).toEqual(both.json.data.user);
    expect(logLines.filter((line) => line.includes("account.profile_changed"))).toHaveLength(3);
  });

  test("without a change, answers the user and records nothing", async () => {
    const device = await newDevice(api);
    const before = await read(device);
    clock.advance(60);
    const lines = logLines.length;
    const answer = await change(device, {});
    expect([answer.status, answer.json.data.user]).toEqual([200, before]);
    expect(logLines.slice(lines).join()).not.toContain("account.profile_changed");
  });

  test.each([
    ["de", "de"],
    ["zh-hant-tw", "zh-Hant-TW"],
    ["iw", "he"],
    ["en-u-ca-buddhist", "en-u-ca-buddhist"],
    ["sr-latn-rs", "sr-Latn-RS"],
  ])("BCP 47: %s is stored as %s", async (given, stored) => {
    const device = await newDevice(api);
    expect((await change(device, { locale: given })).json.data.user.locale).toBe(stored);
  });

  test.each([
    [{ locale: "" }, "locale"],
    [{ locale: "de_DE" }, "locale"],
    [{ locale: "deutsch-1" }, "locale"],
    [{ locale: "de-DE\r\n" }, "locale"],
    [{ locale: `en-u-${"ca-buddhist-".repeat(4)}nu-latn` }, "locale"],
    [{ locale: 7 }, "locale"],
    [{ username: "" }, "username"],
    [{ username: null }, "username"],
    [{ username: "two\r\nlines" }, "username"],
    [{ username: "x".repeat(101) }, "username"],
    [{ email: "other@example.com" }, "email"],
    [{ is_active: false }, "is_active"],
    [{ picture: "https://example.com/a.png" }, "picture"],
  ])("%j is refused and named, and nothing changes", async (body, field) => {
    const device = await newDevice(api);
    const before = await read(device);
    const answer = await change(device, body);
    expect([answer.status, answer.json.details.fields[0].field]).toEqual([422, field]);
    expect(await read(device)).toEqual(before);
  });

  test("a tag of 60,000 characters is refused as fast as a short one", async () => {
    const device = await newDevice(api);
    expect((await change(device, { locale: "en-".repeat(20_000) })).status).toBe(422);
  });

  test("needs the access token of a live session", async () => {
    const device = await newDevice(api);
    await api.post("/auth/logout", { bearer: device.accessToken });
    const answer = await change(device, { username: "Ada" });
    expect([answer.status, answer.json.error_code]).toEqual([401, "UNAUTHENTICATED"]);
  });
});
