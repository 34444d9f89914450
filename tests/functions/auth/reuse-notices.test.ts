// What the owner of a session is told when a refresh token of it was stolen.
import { describe, expect, test } from "vitest";
import { postedMails } from "../../support/mails.ts";
import {
  newDevice,
  password,
  refresh,
  refreshed,
  registerPerson,
  toDevice,
  type Device,
} from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, clock, services } = await startService();
const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

const noticesTo = async (email: string) =>
  (await postedMails(services)).filter(({ template, to }) => template === "session_reused" && to === email);

/** A device whose first token was used long ago. */
async function withUsedToken(): Promise<{ used: Device; live: Device }> {
  const email = await registerPerson(api);
  const headers = { "user-agent": firefox };
  const used = toDevice(email, await api.post("/auth/login", { body: { email, password }, headers }));
  const live = await refreshed(api, used);
  clock.advance(11);
  return { used, live };
}

describe("the owner is told once of a refresh token that comes again too late,", () => {
  test.each([
    ["in a refresh", ({ cookie }: Device) => refresh(api, cookie)],
    ["in a logout", ({ cookie }: Device) => api.post("/auth/logout", { cookie })],
    ["in a sign-in", ({ email, cookie }: Device) => api.post("/auth/login", { body: { email, password }, cookie })],
  ])("%s", async (_where, call) => {
    const { used } = await withUsedToken();
    await call(used);
    await refresh(api, used.cookie);
    const notices = await noticesTo(used.email);
    expect(notices.map(({ data }) => data)).toEqual([
      expect.objectContaining({ device: "Firefox on Linux", at: clock.now().toISOString() }),
    ]);
  });

  test("also of fifty at once", async () => {
    const { used } = await withUsedToken();
    await Promise.all(Array.from({ length: 50 }, () => refresh(api, used.cookie)));
    expect(await noticesTo(used.email)).toHaveLength(1);
  });
});

test("nobody is told of a repeat, an unknown token or a logout", async () => {
  const device = await newDevice(api);
  await refreshed(api, device);
  await refresh(api, device.cookie);
  await refresh(api, `refresh_token=${"A".repeat(43)}`);
  await api.post("/auth/logout", { bearer: device.accessToken });
  expect(await noticesTo(device.email)).toEqual([]);
});
