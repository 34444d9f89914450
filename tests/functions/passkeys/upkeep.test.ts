import { describe, expect, test } from "vitest";
import { latestMail } from "../../support/mails.ts";
import { claimsOf } from "../../support/clients.ts";
import { createPasskeyCalls, page } from "../../support/passkeys.ts";
import { refresh, signIn, toDevice } from "../../support/people.ts";
import { createFactorCalls } from "../../support/second-factors.ts";
import { get } from "../../support/webauthn.ts";
import { startService } from "../../support/service.ts";

const service = await startService();
const { api, clock, services } = service;
const calls = createPasskeyCalls(service);
const { withApp, challenge, verify, totp } = createFactorCalls(service);
const { send, provenPerson, begin, add, make, passkeyOwner } = calls;

describe("20.5 a passkey that the browser makes by itself", () => {
  const silent = { isUserPresent: false, isUserVerified: false };

  test("needs no gesture within five minutes of a password, and not a second later", async () => {
    const device = await provenPerson();
    const { credential } = await make(device, silent, { conditional: true });
    const late = await make(device, silent, { conditional: true });
    clock.advance(300);
    // Both limits of time are on its side until now.
    const at = (await begin(device, { conditional: true })).json;
    expect(at.error_code).toBeUndefined();
    expect((await add(device, credential)).json.error_code).toBe("PASSKEY_INVALID");
    clock.advance(1);
    for (const answer of [await begin(device, { conditional: true }), await add(device, late.credential)])
      expect([answer.status === 200, answer.json.error_code]).not.toEqual([true, undefined]);
    const fresh = await signIn(api, device.email);
    const { credential: taken } = await make(fresh, silent, { conditional: true });
    expect((await add(fresh, taken)).status).toBe(200);
  });

  test("is not taken for options that ask for a gesture", async () => {
    const device = await provenPerson();
    const { credential } = await make(device, silent);
    expect((await add(device, credential)).json.error_code).toBe("PASSKEY_INVALID");
  });

  test("is not for a session without a password", async () => {
    const { passkey, email } = await passkeyOwner();
    const answer = await calls.signInBy(await calls.shown({ passkey }));
    const device = { email, accessToken: answer.json.data.access_token, refreshToken: "", cookie: answer.cookie ?? "" };
    const begun = await begin(device, { conditional: true });
    expect([begun.status, begun.json.error_code]).toEqual([403, "REAUTHENTICATION_REQUIRED"]);
    expect(begun.json.details).toMatchObject({ max_age_seconds: 300 });
    expect((await begin(device)).status).toBe(200);
  });
});

describe("20.5 an account's passkeys", () => {
  test("may have other names, or none", async () => {
    const { device, passkeyId } = await passkeyOwner();
    const path = `/auth/passkeys/${passkeyId}`;
    const renamed = await send("PATCH", path, device, { name: "Tablet" });
    expect(renamed.json.data.passkeys).toMatchObject([{ name: "Tablet" }]);
    expect((await send("PATCH", path, device, { name: null })).json.data.passkeys).toMatchObject([{ name: null }]);
    const foreign = await send("PATCH", path, await provenPerson(), { name: "Mine" });
    expect([foreign.status, foreign.json.error_code]).toEqual([404, "NOT_FOUND"]);
  });

  test("are removed with the other sessions, and the owner is told", async () => {
    const { device, passkeyId, passkey, email } = await passkeyOwner();
    const other = await signIn(api, email);
    const foreign = await send("DELETE", `/auth/passkeys/${passkeyId}`, await provenPerson());
    expect(foreign.json.error_code).toBe("NOT_FOUND");
    const shown = await calls.shown({ passkey });
    const removed = await send("DELETE", `/auth/passkeys/${passkeyId}`, device);
    expect([removed.json.data.passkeys, removed.json.data.signal.credential_ids]).toEqual([[], []]);
    expect((await refresh(api, other.cookie)).status).toBe(401);
    expect((await latestMail(services, "passkey_removed", email)).data).toMatchObject({ name: "Laptop" });
    expect((await calls.signInBy(shown)).json.error_code).toBe("PASSKEY_UNKNOWN");
    expect((await send("DELETE", `/auth/passkeys/${passkeyId}`, device)).json.error_code).toBe("NOT_FOUND");
  });

  test("of which the last is removed: the session that it began is not of two factors any more", async () => {
    const owner = await passkeyOwner();
    clock.advance(1);
    const another = await calls.withPasskey(owner.device);
    const strong = await calls.signInBy(await calls.shown(owner));
    const device = toDevice(owner.email, strong);
    const remove = async ({ passkeyId }: { passkeyId: string }) => {
      expect((await send("DELETE", `/auth/passkeys/${passkeyId}`, device)).status).toBe(200);
      const answer = await refresh(api, device.cookie);
      Object.assign(device, toDevice(owner.email, answer));
      return claimsOf(device.accessToken);
    };
    expect(await remove(owner)).toMatchObject({ acr: "phr", amr: ["pop", "user", "mfa"] });
    const { acr, amr = [] } = await remove(another);
    expect([acr, amr]).toEqual(["aal1", []]);
  });

  test("of which the last is removed leave a session the app that it has shown", async () => {
    const owner = await passkeyOwner();
    const person = await withApp(owner.device);
    expect((await calls.signInBy(await calls.shown(owner))).status).toBe(200);
    clock.advance(60);
    const begun = await challenge(owner.email);
    const device = toDevice(owner.email, await verify(begun, totp(person)));
    const begunStepUp = await send("POST", "/auth/passkeys/step-up/options", device);
    const credential = get(page, begunStepUp.json.data.options, owner.passkey);
    const raised = await send("POST", "/auth/reauthenticate", device, { method: "passkey", credential });
    expect(claimsOf(raised.json.data.access_token).acr).toBe("phr");
    Object.assign(device, toDevice(owner.email, raised));
    expect((await send("DELETE", `/auth/passkeys/${owner.passkeyId}`, device)).status).toBe(200);
    const { access_token: token } = (await refresh(api, device.cookie)).json.data;
    expect(claimsOf(token)).toMatchObject({ acr: "aal2", amr: ["pwd", "otp", "mfa"] });
  });

  test("of before a change of the address survive its undoing; those of since then, which may be a thief's, do not", async () => {
    const owner = await passkeyOwner();
    const { device, email } = owner;
    const to = `elsewhere-${email}`;
    clock.advance(1);
    expect((await send("POST", "/auth/email/change", device, { email: to })).status).toBe(202);
    const { token } = (await latestMail(services, "confirm_email", to)).data;
    expect((await api.post("/auth/email/confirm", { body: { token } })).status).toBe(200);
    const since = await calls.withPasskey(device);
    expect((await calls.signInBy(await calls.shown(since))).status).toBe(200);
    const undo = (await latestMail(services, "email_changed", email)).data.token;
    expect((await api.post("/auth/email/undo", { body: { token: undo } })).status).toBe(200);
    expect((await calls.signInBy(await calls.shown(since))).json.error_code).toBe("PASSKEY_UNKNOWN");
    expect((await calls.signInBy(await calls.shown(owner))).status).toBe(200);
  });

  test("are for a session alone", async () => {
    const { device, passkeyId: id } = await passkeyOwner();
    const paths = [
      ["GET", "/auth/passkeys"],
      ["POST", "/auth/passkeys/options"],
      ["PATCH", `/auth/passkeys/${id}`, { name: "Mine" }],
      ["DELETE", `/auth/passkeys/${id}`],
    ] as const;
    for (const [method, path, body] of paths) {
      expect((await api.send(method, path, { body })).json.error_code, path).toBe("UNAUTHENTICATED");
      if (method === "GET") continue;
      const bare = await api.send(method, path, { bearer: device.accessToken, body });
      expect(bare.json.error_code, path).toBe("SESSION_PROOF_REQUIRED");
    }
  });
});
