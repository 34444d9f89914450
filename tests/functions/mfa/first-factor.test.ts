// What an account's first factor ends: somebody else may have it, against whom the factor is added.
import { describe, expect, test } from "vitest";
import { claimsOf } from "../../support/clients.ts";
import { latestMail, postedMails } from "../../support/mails.ts";
import { password, refresh, toDevice } from "../../support/people.ts";
import { createFactorCalls } from "../../support/second-factors.ts";
import { startService } from "../../support/service.ts";

const service = await startService();
const { api, clock, services } = service;
const { send, provenPerson, withApp, challenge, verify, totp, codeOf } = createFactorCalls(service);

describe("20.2 an account's first app", () => {
  test("leaves no other session, link or known device that came about without it; a second app ends nothing", async () => {
    const device = await provenPerson();
    const { sub: accountId = "" } = claimsOf(device.accessToken);
    const own = await api.post("/auth/login", { body: { email: device.email, password } });
    const cookie = own.setCookies.map((set) => set.split(";")[0]).join("; ");
    const session = { ...toDevice(device.email, own), cookie };
    await send("POST", "/auth/email/change", device, { email: `thief-of-${device.email}` });
    const { token } = (await latestMail(services, "confirm_email", `thief-of-${device.email}`)).data;
    expect(await services.accounts.listDevices(accountId)).toHaveLength(2);
    const app = await withApp(session);
    expect(await services.accounts.listDevices(accountId)).toHaveLength(1);
    const late = await api.post("/auth/email/confirm", { body: { token } });
    expect(late.json.error_code).toBe("TOKEN_INVALID_OR_EXPIRED");
    clock.advance(30);
    const known = cookie.split("; ").find((one) => one.startsWith("latchkey_device=")) ?? "";
    const begun = await challenge(device.email, { cookie: known });
    const other = await verify({ ...begun, cookie: known }, totp(app));
    expect(other.status).toBe(200);
    const told = (await postedMails(services)).filter(
      ({ template, to }) => template === "new_device" && to === app.email,
    );
    expect(told, "of the device that has signed in before").toHaveLength(1);
    await withApp(session);
    expect((await refresh(api, other.cookie ?? "")).status).toBe(200);
  });

  test("knows the device of an app without cookies by what it sends", async () => {
    const device = await provenPerson();
    const { sub: accountId = "" } = claimsOf(device.accessToken);
    const inBody = { email: device.email, password, transport: "body" };
    const { data } = (await api.post("/auth/login", { body: inBody })).json;
    const proof = { bearer: data.access_token, body: { refresh_token: data.refresh_token } };
    const { id, secret } = (await api.post("/auth/mfa/totp", proof)).json.data;
    const body = { ...proof.body, code: codeOf({ secret }), device_id: data.device_id };
    expect((await api.post(`/auth/mfa/totp/${id}/confirm`, { ...proof, body })).status).toBe(200);
    const own = { accountId, deviceHash: services.devices.present(data.device_id).hash };
    expect(await services.accounts.findDevice(own, clock.now())).toMatchObject({ isKnown: true });
  });
});
