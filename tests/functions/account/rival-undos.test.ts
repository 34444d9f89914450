// Several addresses that may be given back to one account: the earliest one wins, whatever a thief waits for.
import { beforeEach, describe, expect, test } from "vitest";
import { newAddress } from "../../support/accounts.ts";
import { latestMail, postedMails } from "../../support/mails.ts";
import { meStatus, newDevice, signIn, type Device } from "../../support/people.ts";
import { startService } from "../../support/service.ts";

const { api, clock, services } = await startService();
const days = (count: number) => clock.advance(count * 86_400);
const undo = async (token: string) => (await api.post("/auth/email/undo", { body: { token } })).status;
const emailOf = async ({ accessToken: bearer }: Device) => (await api.get("/auth/me", { bearer })).json.data.user.email;

const toldAddresses = async () =>
  (await postedMails(services)).filter(({ template }) => template === "email_change_undone").map(({ to }) => to);

beforeEach(() => clock.advance(3600));

describe("a way back to a thief's address", () => {
  test("is not offered if the owner changes the address back by hand, and the thief's address is told", async () => {
    const { device, owner, thief } = await people();
    const owners = await move(device, owner, thief);
    clock.advance(60);
    expect(await move(device, thief, owner)).toBeUndefined();
    expect(await toldAddresses()).toContain(thief);
    expect(await meStatus(api, device)).toBe(200);
    // The owner's link is as good as before.
    expect(await undo(owners ?? "")).toBe(200);
    expect(await toldAddresses()).not.toContain(owner);
  });

  test("that was offered before ends when the owner goes back by hand", async () => {
    const { device, owner, thief } = await people();
    await move(device, owner, thief);
    const thiefs = await move(device, thief, newAddress());
    const third = await emailOf(device);
    expect(await move(device, third, owner)).toBeUndefined();
    expect(await undo(thiefs ?? "")).toBe(400);
    expect(await emailOf(device)).toBe(owner);
  });

  test("does not outlive the owner's: a later change prolongs it, and so does the thief's undo", async () => {
    const { device, owner, thief } = await people();
    const third = newAddress();
    const owners = await move(device, owner, thief);
    clock.advance(200);
    const thiefs = await move(device, thief, third);
    days(7);
    clock.advance(-10);
    expect(await undo(thiefs ?? ""), "at its last moment").toBe(200);
    expect(await toldAddresses()).toContain(third);
    days(6);
    expect(await undo(owners ?? "")).toBe(200);
    expect(await toldAddresses()).toContain(thief);
  });

  test("an undo that has expired counts for nothing: going back then is a change like any other", async () => {
    const { device, owner, thief } = await people();
    const owners = await move(device, owner, thief);
    days(7);
    expect(await undo(owners ?? "")).toBe(400);
    const again = await signIn(api, thief);
    expect(await move(again, thief, owner)).toBeDefined();
  });
});

/** A person who is signed in, and an address that a thief reads. */
async function people(): Promise<{ device: Device; owner: string; thief: string }> {
  const device = await newDevice(api);
  return { device, owner: device.email, thief: newAddress() };
}

/** Gives the account of a device another address. @returns the token that undoes it, if the old address got one */
async function move({ accessToken: bearer, cookie }: Device, from: string, to: string): Promise<string | undefined> {
  const last = (await undosTo(from)).at(-1);
  expect((await api.post("/auth/email/change", { bearer, cookie, body: { email: to } })).status).toBe(202);
  const { token } = (await latestMail(services, "confirm_email", to)).data;
  expect((await api.post("/auth/email/confirm", { body: { token } })).status).toBe(200);
  const latest = (await undosTo(from)).at(-1);
  return latest === last ? undefined : latest;
}

/** The tokens of the undos that were mailed to an address, oldest first. */
async function undosTo(address: string): Promise<string[]> {
  const mails = (await postedMails(services)).filter(
    ({ to, template }) => to === address && template === "email_changed",
  );
  return mails.map(({ data }) => (data as { token: string }).token);
}
