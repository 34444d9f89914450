import { describe, expect, test } from "vitest";
import { newId } from "../../../shared/platform/crypto/random.ts";
import { totpAt } from "../../../shared/mfa/totp.ts";
import { claimsOf } from "../../support/clients.ts";
import { latestMail, postedMails } from "../../support/mails.ts";
import { meStatus, newDevice, refresh, refreshed, signIn } from "../../support/people.ts";
import { createFactorCalls } from "../../support/second-factors.ts";
import { startService } from "../../support/service.ts";

const service = await startService();
const { api, clock, services } = service;
const {
  send,
  provenPerson,
  addApp,
  confirmApp,
  withApp,
  protectedPerson,
  recoveryCodes,
  challenge,
  verify,
  totp,
  codeOf,
  wrongCode,
} = createFactorCalls(service);

describe("20.2 adding an authenticator app", () => {
  test("shows its secret once, as text, address and picture; nothing changes until its first code", async () => {
    const device = await provenPerson();
    const added = await addApp(device, { name: "Phone" });
    const { id, secret, uri, qr_svg: svg } = added.json.data;
    expect([added.status, Object.keys(added.json.data)]).toEqual([200, ["id", "secret", "uri", "qr_svg"]]);
    const url = new URL(uri);
    expect([url.searchParams.get("secret"), url.searchParams.get("issuer")]).toEqual([
      secret,
      services.config.product.name,
    ]);
    expect(decodeURIComponent(url.pathname)).toContain(device.email);
    expect(svg).toMatch(/^<svg /);
    const listed = await api.get("/auth/mfa", { bearer: device.accessToken });
    expect(listed.json.data).toEqual({ factors: [], recovery_codes_left: 0 });
    await signIn(api, device.email);
    const confirmed = await confirmApp(device, id, totpAt(secret, clock.now()));
    const instant = clock.now().toISOString();
    expect(confirmed.json.data).toEqual({
      factors: [{ id, type: "totp", name: "Phone", created_at: instant, last_used_at: instant }],
      recovery_codes_left: 0,
    });
    expect((await latestMail(services, "factor_added", device.email)).data).toMatchObject({ name: "Phone" });
    await challenge(device.email);
  });

  test("raises the session that confirms it, from its next token on, and ends those that were there before", async () => {
    const [device, other] = await provenPerson().then(async (one) => [one, await signIn(api, one.email)] as const);
    await withApp(device);
    expect(claimsOf(device.accessToken)).toMatchObject({ acr: "aal1", amr: ["pwd"] });
    const { accessToken } = await refreshed(api, device);
    expect(claimsOf(accessToken)).toMatchObject({ acr: "aal2", amr: ["pwd", "otp", "mfa"] });
    expect([await meStatus(api, other), (await refresh(api, other.cookie)).status]).toEqual([401, 401]);
  });

  test("needs the right code, within 15 minutes, for the account's own app", async () => {
    const [device, thief] = [await provenPerson(), await provenPerson()];
    const { id, secret } = (await addApp(device)).json.data;
    const wrong = await confirmApp(device, id, wrongCode({ secret }));
    expect([wrong.status, wrong.json.error_code]).toEqual([401, "MFA_CODE_INVALID"]);
    for (const answer of [
      await confirmApp(thief, id, codeOf({ secret })),
      await confirmApp(device, newId(clock.now()), codeOf({ secret })),
      await confirmApp(device, "not-an-id", codeOf({ secret })),
    ])
      expect([answer.status, answer.json.error_code]).toEqual([404, "NOT_FOUND"]);
    expect((await confirmApp(device, id.toUpperCase(), codeOf({ secret }))).status).toBe(200);
    expect((await confirmApp(device, id, codeOf({ secret }))).json.error_code).toBe("NOT_FOUND");
  });

  test("is confirmed by one of ten calls at once", async () => {
    const device = await provenPerson();
    const { id, secret } = (await addApp(device)).json.data;
    const answers = await Promise.all(Array.from({ length: 10 }, () => confirmApp(device, id, codeOf({ secret }))));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const added = (await postedMails(services)).filter((mail) => mail.to === device.email);
    expect(added.map(({ template }) => template)).toEqual(["verify_email", "factor_added"]);
  });

  test("is for a proven address: whoever proves it later would take the account over", async () => {
    const device = await newDevice(api);
    const answer = await addApp(device);
    expect([answer.status, answer.json.error_code]).toEqual([403, "EMAIL_NOT_VERIFIED"]);
  });

  test("ends at ten apps, also for those that were begun before; those that wait keep nobody from adding one", async () => {
    const device = await provenPerson();
    for (let count = 0; count < 20; count += 1) expect((await addApp(device)).status).toBe(200);
    for (let count = 0; count < 9; count += 1) await withApp(device);
    clock.advance(1);
    const [one, other] = [(await addApp(device)).json.data, (await addApp(device)).json.data];
    expect((await confirmApp(device, one.id, codeOf(one))).status).toBe(200);
    for (const answer of [await confirmApp(device, other.id, codeOf(other)), await addApp(device)])
      expect([answer.status, answer.json.error_code]).toEqual([409, "TOO_MANY_FACTORS"]);
    expect((await api.get("/auth/mfa", { bearer: device.accessToken })).json.data.factors).toHaveLength(10);
  });

  test.each(["", " ", "x".repeat(51), "a\nb", "a\u202Eb"])("takes no name like %j", async (name) => {
    const answer = await addApp(await provenPerson(), { name });
    expect([answer.status, answer.json.error_code]).toEqual([422, "VALIDATION_ERROR"]);
  });
});

test("20.2 nobody changes factors without a session, and its proof", async () => {
  const { device, factorId: id } = await protectedPerson();
  const calls = [
    ["GET", "/auth/mfa"],
    ["POST", "/auth/mfa/totp"],
    ["POST", `/auth/mfa/totp/${id}/confirm`, { code: "000000" }],
    ["PATCH", `/auth/mfa/totp/${id}`, { name: "Mine" }],
    ["DELETE", `/auth/mfa/totp/${id}`],
    ["POST", "/auth/mfa/recovery-codes"],
  ] as const;
  for (const [method, path, body] of calls) {
    expect((await api.send(method, path, { body })).json.error_code, path).toBe("UNAUTHENTICATED");
    if (method === "GET") continue;
    const bare = await api.send(method, path, { bearer: device.accessToken, body });
    expect(bare.json.error_code, path).toBe("SESSION_PROOF_REQUIRED");
  }
});

describe("an account's apps", () => {
  test("several may be there, each signs in, and each may have another name or none", async () => {
    const person = await protectedPerson();
    const second = await withApp(person.device);
    const renamed = await send("PATCH", `/auth/mfa/totp/${second.factorId}`, person.device, { name: "Tablet" });
    expect(renamed.json.data.factors.map(({ name }: { name: string }) => name)).toEqual(["Phone", "Tablet"]);
    const nameless = await send("PATCH", `/auth/mfa/totp/${second.factorId}`, person.device, { name: null });
    expect(nameless.json.data.factors[1].name).toBeNull();
    clock.advance(30);
    for (const app of [person, second])
      expect((await verify(await challenge(person.email), totp(app))).status).toBe(200);
    const foreign = await send("PATCH", `/auth/mfa/totp/${second.factorId}`, await provenPerson(), { name: "Mine" });
    expect([foreign.status, foreign.json.error_code]).toEqual([404, "NOT_FOUND"]);
  });

  test("20.9: without the last one, all that belongs to the second factor ends, and other sessions", async () => {
    const person = await protectedPerson();
    const [code = ""] = await recoveryCodes(person);
    const [begun, idle] = [await challenge(person.email), await challenge(person.email)];
    const other = await verify(begun, totp(person));
    const removed = await send("DELETE", `/auth/mfa/totp/${person.factorId}`, person.device);
    expect(removed.json.data).toEqual({ factors: [], recovery_codes_left: 0 });
    expect((await latestMail(services, "factor_removed", person.email)).data).toMatchObject({ isLast: true });
    expect((await refresh(api, other.cookie ?? "")).status).toBe(401);
    expect(await meStatus(api, person.device)).toBe(200);
    expect((await verify(idle, { method: "recovery", code })).json.error_code).toBe("MFA_TOKEN_INVALID");
    await signIn(api, person.email);
    const again = await send("DELETE", `/auth/mfa/totp/${person.factorId}`, person.device);
    expect([again.status, again.json.error_code]).toEqual([404, "NOT_FOUND"]);
  });

  test("20.6: without the last one, a session says so from its next token on, until it shows another", async () => {
    const person = await protectedPerson();
    const raised = await refreshed(api, person.device);
    expect(claimsOf(raised.accessToken)).toMatchObject({ acr: "aal2", amr: ["pwd", "otp", "mfa"] });
    await send("DELETE", `/auth/mfa/totp/${person.factorId}`, raised);
    const bare = await refreshed(api, raised);
    expect(claimsOf(bare.accessToken)).toMatchObject({ acr: "aal1", amr: ["pwd"] });
    await withApp(bare);
    expect(claimsOf((await refreshed(api, bare)).accessToken)).toMatchObject({ acr: "aal2" });
  });

  test("removing one of two leaves the other, and the recovery codes", async () => {
    const person = await protectedPerson();
    const second = await withApp(person.device);
    await recoveryCodes(person);
    const removed = await send("DELETE", `/auth/mfa/totp/${person.factorId}`, person.device);
    expect([removed.json.data.factors.length, removed.json.data.recovery_codes_left]).toEqual([1, 10]);
    expect((await latestMail(services, "factor_removed", person.email)).data).toMatchObject({ isLast: false });
    clock.advance(30);
    const begun = await challenge(person.email);
    expect((await verify(begun, totp(person))).json.error_code).toBe("MFA_CODE_INVALID");
    expect((await verify(begun, totp(second))).status).toBe(200);
  });

  test("20.6: a password alone, shown again, does not take its second factor from a session", async () => {
    const { device } = await protectedPerson();
    const answer = await api.post("/auth/reauthenticate", {
      bearer: device.accessToken,
      cookie: device.cookie,
      body: { password: "correct horse battery" },
    });
    expect(claimsOf(answer.json.data.access_token)).toMatchObject({ acr: "aal2", amr: ["pwd", "otp", "mfa"] });
  });
});

describe("20.3 recovery codes", () => {
  test("are ten, shown once, and told to the owner; new ones end the old", async () => {
    const person = await protectedPerson();
    const old = await recoveryCodes(person);
    expect([old.length, new Set(old).size]).toEqual([10, 10]);
    expect(await latestMail(services, "recovery_codes_made", person.email)).toBeDefined();
    const fresh = await recoveryCodes(person);
    const listed = await api.get("/auth/mfa", { bearer: person.device.accessToken });
    expect(listed.json.data.recovery_codes_left).toBe(10);
    expect(JSON.stringify(listed.json)).not.toContain(fresh[0]);
    const begun = await challenge(person.email);
    expect((await verify(begun, { method: "recovery", code: old[0] })).json.error_code).toBe("MFA_CODE_INVALID");
    expect((await verify(begun, { method: "recovery", code: fresh[0] })).status).toBe(200);
  });

  test("of another account sign nobody in", async () => {
    const [person, thief] = [await protectedPerson(), await protectedPerson()];
    const [code] = await recoveryCodes(thief);
    const answer = await verify(await challenge(person.email), { method: "recovery", code });
    expect(answer.json.error_code).toBe("MFA_CODE_INVALID");
  });

  test("are for accounts with a second factor", async () => {
    const answer = await send("POST", "/auth/mfa/recovery-codes", await provenPerson());
    expect([answer.status, answer.json.error_code]).toEqual([409, "NO_SECOND_FACTOR"]);
  });
});
