import { describe, expect, test } from "vitest";
import { latestMail, postedMails } from "../../support/mails.ts";
import { newDevice, type Device } from "../../support/people.ts";
import { startSocialService } from "../../support/social.ts";

const service = await startSocialService();
const { api, services, issuer, exchange } = service;

const link = async ({ accessToken: bearer, cookie }: Device, person: object) => {
  const body = { id_token: await issuer.idToken({ nonce: "n", ...person }), nonce: "n" };
  return api.post("/auth/me/identities/acme", { bearer, cookie, body });
};
const unlink = ({ accessToken: bearer, cookie }: Device) =>
  api.send("DELETE", "/auth/me/identities/acme", { bearer, cookie });
const sentTo = async (to: string, template: string) =>
  (await postedMails(services)).filter((mail) => mail.to === to && mail.template === template).length;

describe("ASVS 6.3.7: the owner of an account is told", () => {
  test("when an identity is linked and unlinked, once each, with the provider's name", async () => {
    const device = await newDevice(api);
    expect((await link(device, { sub: "told" })).status).toBe(200);
    const linked = await latestMail(services, "identity_linked", device.email);
    expect(linked.data).toEqual({ username: expect.any(String), provider: "Acme" });
    expect((await link(device, { sub: "told" })).status).toBe(200);
    expect(await sentTo(device.email, "identity_linked")).toBe(1);
    expect((await unlink(device)).status).toBe(200);
    const unlinked = await latestMail(services, "identity_unlinked", device.email);
    expect(unlinked.data).toMatchObject({ provider: "Acme" });
    expect((await unlink(device)).status).toBe(404);
    expect(await sentTo(device.email, "identity_unlinked")).toBe(1);
  });

  test("when a sign-in links an identity, because both have proven the address", async () => {
    const device = await newDevice(api);
    const { token } = (await latestMail(services, "verify_email", device.email)).data;
    expect((await api.post("/auth/email/verify", { body: { token } })).status).toBe(200);
    const person = { sub: "by address", email: device.email, email_verified: true };
    expect((await exchange(person)).status).toBe(200);
    expect((await exchange(person)).status).toBe(200);
    expect(await sentTo(device.email, "identity_linked")).toBe(1);
  });

  test("not when it fails, and not of an account without an address", async () => {
    const [device, other] = [await newDevice(api), await newDevice(api)];
    await link(device, { sub: "taken" });
    expect((await link(other, { sub: "taken" })).status).toBe(409);
    expect(await sentTo(other.email, "identity_linked")).toBe(0);
    const { data } = (await exchange({ sub: "without address" })).json;
    const body = { id_token: await issuer.idToken({ nonce: "n", sub: "second" }), nonce: "n" };
    const before = (await postedMails(services)).length;
    const proof = { ...body, refresh_token: data.refresh_token };
    const answer = await api.post("/auth/me/identities/acme", { bearer: data.access_token, body: proof });
    expect(answer.status).toBe(200);
    expect(await postedMails(services)).toHaveLength(before);
  });
});
