import { describe, expect, test } from "vitest";
import { claimsOf } from "../../support/clients.ts";
import { createPasskeyCalls, page, type PasskeyOwner } from "../../support/passkeys.ts";
import { toDevice, type Device } from "../../support/people.ts";
import { createFactorCalls } from "../../support/second-factors.ts";
import { startService } from "../../support/service.ts";
import { get, type Twist } from "../../support/webauthn.ts";

const service = await startService();
const { clock, services } = service;
const { passkeyOwner, withPasskey, shown, signInBy, send, challenge } = createPasskeyCalls(service);
const { protectedPerson, provenPerson, totp } = createFactorCalls(service);

type Owner = Pick<PasskeyOwner, "passkey" | "device">;

/** What the browser of a session shows. */
async function prove({ passkey, device }: Owner, twist: Twist = {}) {
  const begun = await send("POST", "/auth/passkeys/step-up/options", device);
  expect(begun.status).toBe(200);
  return { method: "passkey", credential: get(page, begun.json.data.options, passkey, twist) };
}

const stepUp = (device: Device, body: object) => send("POST", "/auth/reauthenticate", device, body);
const codeOf = ({ status, json }: { status: number; json: { error_code?: string } }) => [status, json.error_code];

describe("20.6 step-up by a passkey", () => {
  test("raises a session, and makes it fresh", async () => {
    const owner = await passkeyOwner();
    clock.advance(60);
    const answer = await stepUp(owner.device, { ...(await prove(owner)), acr_values: "phr" });
    const claims = { acr: "phr", amr: ["pwd", "pop", "user", "mfa"], auth_time: clock.now().getTime() / 1000 };
    expect(claimsOf(answer.json.data.access_token)).toMatchObject(claims);
  });

  test("is as good as an app for an account that has one", async () => {
    const person = await protectedPerson();
    const owner = { ...person, ...(await withPasskey(person.device)) };
    clock.advance(services.config.sessions.sensitiveMaxAgeSeconds + 1);
    const remove = (device: Device) => send("DELETE", `/auth/passkeys/${owner.passkeyId}`, device);
    const { accessToken: _old, ...session } = owner.device;
    const refreshed = toDevice(owner.email, await service.api.post("/auth/refresh", { cookie: session.cookie }));
    expect((await remove(refreshed)).json.error_code).toBe("REAUTHENTICATION_REQUIRED");
    const raised = await stepUp(refreshed, await prove({ ...owner, device: refreshed }));
    expect((await remove(toDevice(owner.email, raised))).status).toBe(200);
  });

  test("by the passkey that signed in is the first factor again, and makes no old second one fresh", async () => {
    const owner = await passkeyOwner();
    const single = await signInBy(await shown(owner, { isUserVerified: false }));
    const one = { ...owner, device: toDevice(owner.email, single) };
    const again = await stepUp(one.device, await prove(one, { isUserVerified: false }));
    expect(claimsOf(again.json.data.access_token)).toMatchObject({ acr: "aal1", amr: ["pop", "user"] });
    const strong = { ...owner, device: toDevice(owner.email, await signInBy(await shown(owner))) };
    const weak = await stepUp(strong.device, await prove(strong, { isUserVerified: false }));
    expect(codeOf(weak)).toEqual([401, "MFA_CODE_INVALID"]);
    expect((await stepUp(strong.device, await prove(strong))).status).toBe(200);
  });

  test("by a found security key, with a PIN that it has got since, does not make it two factors", async () => {
    const key = { isBackupEligible: false, isBackedUp: false };
    const owner = await passkeyOwner({ ...key, isUserVerified: false });
    const found = toDevice(owner.email, await signInBy(await shown(owner, key)));
    for (const device of [found, owner.device]) {
      await stepUp(device, await prove({ ...owner, device }, key));
      expect(claimsOf((await signInBy(await shown(owner, key))).json.data.access_token).acr).toBe("aal1");
    }
  });

  test("no code makes the passkey fresh that a session has shown long ago", async () => {
    const person = await protectedPerson();
    const owner = await withPasskey(person.device);
    const device = toDevice(owner.email, await signInBy(await shown(owner)));
    clock.advance(60);
    expect(codeOf(await stepUp(device, { ...totp(person), acr_values: "phr" }))[0]).toBe(403);
    const raised = await stepUp(device, totp(person));
    expect(claimsOf(raised.json.data.access_token)).toMatchObject({ acr: "aal2", amr: ["mfa", "otp"] });
    // Nor does the session forget that a key which verifies nobody is no second factor to itself.
    const weak = { ...owner, device: toDevice(owner.email, raised) };
    expect(codeOf(await stepUp(weak.device, await prove(weak, { isUserVerified: false })))[0]).toBe(401);
  });

  test("takes no passkey of another, for another session or purpose, or used before", async () => {
    const [owner, thief] = [await passkeyOwner(), await passkeyOwner()];
    const { options } = await challenge();
    const used = await prove(owner);
    const raised = toDevice(owner.email, await stepUp(owner.device, used));
    for (const body of [
      used,
      await prove(thief),
      { method: "passkey", credential: get(page, options, owner.passkey) },
      await prove({ ...owner, device: raised }, { origin: "https://evil.test" }),
    ])
      expect(codeOf(await stepUp(raised, body))).toEqual([401, "MFA_CODE_INVALID"]);
  });

  test("of 50 at once is one success", async () => {
    const owner = await passkeyOwner({ doesCount: true });
    const body = await prove(owner);
    const answers = await Promise.all(Array.from({ length: 50 }, () => stepUp(owner.device, body)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test("needs a passkey", async () => {
    const answer = await send("POST", "/auth/passkeys/step-up/options", await provenPerson());
    expect(codeOf(answer)).toEqual([409, "NO_SECOND_FACTOR"]);
  });

  test.each([{ method: "passkey" }, { method: "passkey", code: "1" }, { password: "x", credential: {} }])(
    "%j is no proof",
    async (body) => {
      expect(codeOf(await stepUp(await provenPerson(), body))).toEqual([422, "VALIDATION_ERROR"]);
    },
  );
});
