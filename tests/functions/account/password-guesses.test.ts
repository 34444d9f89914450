// Wherever a password is shown, guesses are counted: by session where somebody is signed in, like sign-ins elsewhere.
import { describe, expect, test, vi } from "vitest";
import { counting, createAttempts, newNetwork } from "../../support/attempts.ts";
import { newDevice, password, signIn, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const service = await startService({ ...counting, SIGN_IN_FAILURES_PER_ACCOUNT: "10" });
const { api, clock, services } = service;
const { enter, fail, failFromEverywhere, owner } = createAttempts(service);

const another = "another pass phrase";
const asOwner = ({ accessToken: bearer, cookie }: Device) => ({ bearer, cookie });
const reauthenticate = (device: Device, typed: string) =>
  api.post("/auth/reauthenticate", { ...asOwner(device), body: { password: typed } });
const change = (device: Device, typed: string) =>
  api.post("/auth/password/change", { ...asOwner(device), body: { current_password: typed, password: another } });

describe.each([
  ["reauthenticating", reauthenticate],
  ["changing the password", change],
])("%s", (_what, show) => {
  test("takes five wrong passwords of a session, then one second's delay, and counts no other session", async () => {
    const device = await newDevice(api);
    const other = await signIn(api, device.email);
    const statuses = async (times: number) => {
      const answers = [];
      for (let count = 0; count < times; count += 1) answers.push((await show(device, "wrong")).status);
      return answers;
    };
    expect(await statuses(6)).toEqual([401, 401, 401, 401, 401, 429]);
    expect((await show(other, "wrong")).status).toBe(401);
    clock.advance(1);
    expect((await show(device, password)).status).toBe(200);
  });

  test("fails with the right password too after ten wrong ones: somebody may have taken the device", async () => {
    const device = await newDevice(api);
    for (let count = 0; count < 10; count += 1) {
      expect((await show(device, "wrong")).status).toBe(401);
      clock.advance(60);
    }
    expect((await show(device, password)).status).toBe(401);
    await signIn(api, device.email);
  });
});

describe("changing the password", () => {
  test("to the present one fails, but counts for nothing: it was right", async () => {
    const device = await newDevice(api);
    const body = { current_password: password, password };
    for (let count = 0; count < 7; count += 1)
      expect((await api.post("/auth/password/change", { ...asOwner(device), body })).status).toBe(422);
  });

  test("counts once, although another sign-in renews the hash meanwhile", async () => {
    const device = await newDevice(api);
    for (let count = 0; count < 4; count += 1) expect((await change(device, "wrong")).status).toBe(401);
    const outdated = await services.passwords.hash(password);
    const reading = vi.spyOn(services.accounts, "readPasswordHash").mockResolvedValueOnce(outdated);
    expect((await change(device, password)).status).toBe(200);
    expect(reading).toHaveBeenCalledTimes(2);
    reading.mockRestore();
  });
});

describe("cancelling the deletion of an account", () => {
  const cancel = async (email: string, typed: string, { cookie, from }: { cookie?: string; from: string }) => {
    const request = { body: { email, password: typed }, cookie, headers: { "X-Forwarded-For": from } };
    return (await api.post("/auth/me/deletion/cancel", request)).status;
  };

  test("counts with sign-ins, and lets the owner's device through", async () => {
    const { email, cookie } = await owner();
    const device = await signIn(api, email);
    expect((await api.send("DELETE", "/auth/me", asOwner(device))).status).toBe(200);
    const from = newNetwork();
    for (let count = 0; count < 3; count += 1) expect(await cancel(email, "wrong", { from })).toBe(401);
    for (let count = 0; count < 2; count += 1) await fail(email, { from });
    expect(await cancel(email, password, { from })).toBe(429);
    await failFromEverywhere(email, 10);
    expect(await cancel(email, password, { from: newNetwork() })).toBe(401);
    expect(await cancel(email, password, { from, cookie })).toBe(200);
    expect(await enter(email, { cookie })).toEqual([200, null]);
  });
});
