// 20.6: changes of how an account is signed in to take the strongest that the account has, and lately.
import { describe, expect, test } from "vitest";
import { claimsOf } from "../../support/clients.ts";
import { latestMail } from "../../support/mails.ts";
import { newDevice, password, refresh, signIn, toDevice, type Device } from "../../support/people.ts";
import { createFactorCalls } from "../../support/second-factors.ts";
import { startService, withSettings } from "../../support/service.ts";

const service = await startService();
const { api, clock, services, logLines } = service;
const { provenPerson, withApp, protectedPerson, recoveryCodes, challenge, verify, mailedCode, totp, wrongCode, send } =
  createFactorCalls(service);

const reauthenticate = ({ accessToken: bearer, cookie }: Device, body: object) =>
  api.post("/auth/reauthenticate", { bearer, cookie, body });
const nowSeconds = () => Math.floor(clock.now().getTime() / 1000);

/** Somebody with an app whose session has shown it too long ago. */
async function stalePerson() {
  const person = await protectedPerson();
  const codes = await recoveryCodes(person);
  clock.advance(301);
  return { ...person, codes };
}
type Person = Awaited<ReturnType<typeof stalePerson>>;

const removeApp = ({ device, factorId }: Person, as = device) => send("DELETE", `/auth/mfa/totp/${factorId}`, as);

describe("20.6 POST /auth/reauthenticate with a second factor", () => {
  test("by an app: tokens say so, and a change goes through that was refused", async () => {
    const person = await stalePerson();
    const refused = await removeApp(person);
    expect([refused.status, refused.json.error_code]).toEqual([403, "REAUTHENTICATION_REQUIRED"]);
    expect(refused.json.details).toEqual({ max_age_seconds: 300, acr_values: "aal2" });
    expect(refused.headers.get("www-authenticate")).toBe(
      'Bearer error="insufficient_user_authentication", error_description="A second factor is required", acr_values="aal2", max_age="300"',
    );
    const answer = await reauthenticate(person.device, totp(person));
    expect(answer.status).toBe(200);
    const claims = claimsOf(answer.json.data.access_token);
    expect(claims).toMatchObject({ acr: "aal2", amr: ["pwd", "otp", "mfa"], auth_time: nowSeconds() });
    expect((await removeApp(person, toDevice(person.email, answer))).status).toBe(200);
  });

  test("by a recovery code, which its owner is told of", async () => {
    const person = await stalePerson();
    const [code = ""] = person.codes;
    const answer = await reauthenticate(person.device, { method: "recovery", code: code.toLowerCase() });
    expect([answer.status, claimsOf(answer.json.data.access_token)["auth_time"]]).toEqual([200, nowSeconds()]);
    expect((await latestMail(services, "recovery_code_used", person.email)).data).toMatchObject({ left: 9 });
    const again = await reauthenticate(toDevice(person.email, answer), { method: "recovery", code });
    expect([again.status, again.json.error_code]).toEqual([401, "MFA_CODE_INVALID"]);
    expect((await removeApp(person, toDevice(person.email, answer))).status).toBe(200);
  });

  test("the password alone is not enough: the level stays, and so does its time", async () => {
    const person = await stalePerson();
    const before = claimsOf(person.device.accessToken)["auth_time"];
    const answer = await reauthenticate(person.device, { password });
    expect(answer.status).toBe(200);
    const raised = claimsOf((await refresh(api, answer.cookie ?? "")).json.data.access_token);
    expect(raised).toMatchObject({ acr: "aal2", auth_time: before });
    const after = toDevice(person.email, answer);
    expect((await removeApp(person, after)).json.error_code).toBe("REAUTHENTICATION_REQUIRED");
    for (const path of ["/auth/mfa/totp", "/auth/mfa/recovery-codes"])
      expect((await send("POST", path, after)).json.details, path).toMatchObject({ acr_values: "aal2" });
  });

  test("a session that has shown no second factor, of an account that has one, changes nothing until it does", async () => {
    withSettings(service, { MFA_EMAIL: "on" });
    const person = await protectedPerson();
    const begun = await challenge(person.email);
    const answer = await verify(begun, { method: "email", code: await mailedCode(begun, person.email) });
    const mailed = toDevice(person.email, answer);
    const again = { current_password: password, password: "seven grey herons at dawn" };
    for (const [method, path, body] of [
      ["DELETE", `/auth/mfa/totp/${person.factorId}`, {}],
      ["POST", "/auth/password/change", again],
    ] as const) {
      const refused = await send(method, path, mailed, body);
      expect([refused.status, refused.json.details.acr_values], path).toEqual([403, "aal2"]);
    }
    const raised = await reauthenticate(mailed, totp(person));
    expect(claimsOf(raised.json.data.access_token)).toMatchObject({ acr: "aal2", amr: ["pwd", "mca", "otp", "mfa"] });
    const changed = await send("POST", "/auth/password/change", toDevice(person.email, raised), again);
    expect(changed.status).toBe(200);
  });

  test("a code works once: with the next session, with a sign-in, and of 20 at once", async () => {
    const person = await stalePerson();
    const [begun, code] = [await challenge(person.email), totp(person)];
    const answers = await Promise.all(Array.from({ length: 20 }, () => reauthenticate(person.device, code)));
    const codes = answers.map(({ status, json }) => `${status} ${json.error_code ?? ""}`);
    expect(codes.filter((one) => one.startsWith("200"))).toHaveLength(1);
    expect(new Set(codes)).toEqual(new Set(["200 ", "401 MFA_CODE_INVALID"]));
    expect((await verify(begun, code)).json.error_code).toBe("MFA_CODE_INVALID");
    clock.advance(30);
    const device = toDevice(person.email, await verify(begun, totp(person)));
    expect((await reauthenticate(device, totp(person))).json.error_code).toBe("MFA_CODE_INVALID");
  });

  test("a wrong code: 401, nothing is used up, it is audited, and no code is in the log", async () => {
    const person = await stalePerson();
    const before = logLines.length;
    const code = wrongCode(person);
    const answer = await reauthenticate(person.device, { method: "totp", code });
    expect([answer.status, answer.json.error_code, answer.setCookies]).toEqual([401, "MFA_CODE_INVALID", []]);
    const lines = logLines.slice(before).join("\n");
    expect(lines).toContain('"session.reauthentication_failed"');
    expect(lines).not.toContain(`"${code}"`);
    expect((await reauthenticate(person.device, totp(person))).status).toBe(200);
  });

  test("an account without a factor has none to show", async () => {
    const answer = await reauthenticate(await newDevice(api), { method: "totp", code: "000000" });
    expect([answer.status, answer.json.error_code]).toEqual([409, "NO_SECOND_FACTOR"]);
  });

  test("the code of somebody else's app is a wrong one", async () => {
    const [mine, theirs] = [await stalePerson(), await stalePerson()];
    expect((await reauthenticate(mine.device, totp(theirs))).json.error_code).toBe("MFA_CODE_INVALID");
    const [code] = theirs.codes;
    const stolen = await reauthenticate(mine.device, { method: "recovery", code });
    expect(stolen.json.error_code).toBe("MFA_CODE_INVALID");
  });

  test("once the last factor is gone the password is enough, and tokens claim one factor", async () => {
    const person = await withApp(await provenPerson());
    expect((await send("DELETE", `/auth/mfa/totp/${person.factorId}`, person.device)).status).toBe(200);
    clock.advance(301);
    const answer = await reauthenticate(person.device, { password });
    expect(claimsOf(answer.json.data.access_token)).toMatchObject({
      acr: "aal1",
      amr: ["pwd"],
      auth_time: nowSeconds(),
    });
    expect((await send("POST", "/auth/mfa/totp", toDevice(person.email, answer))).status).toBe(200);
  });
});

describe("20.6 RFC 9470: what an API has asked for", () => {
  test("acr_values are met, or the call is refused in the API's words", async () => {
    const person = await stalePerson();
    const refused = await reauthenticate(person.device, { password, acr_values: "aal2", max_age: 60 });
    expect([refused.status, refused.json.error_code]).toEqual([403, "REAUTHENTICATION_REQUIRED"]);
    expect(refused.json.details).toEqual({ max_age_seconds: 60, acr_values: "aal2" });
    expect(refused.headers.get("www-authenticate")).toContain('acr_values="aal2", max_age="60"');
    const met = await reauthenticate(person.device, {
      ...totp(person),
      acr_values: "urn:example:gold aal2",
      max_age: 0,
    });
    expect([met.status, claimsOf(met.json.data.access_token)["acr"]]).toEqual([200, "aal2"]);
  });

  test("an account that cannot reach a level is told to add a factor; either of two levels will do", async () => {
    const device = await newDevice(api);
    const refused = await reauthenticate(device, { password, acr_values: "aal2" });
    expect([refused.status, refused.json.error_code]).toEqual([409, "NO_SECOND_FACTOR"]);
    expect((await reauthenticate(device, { password, acr_values: "aal2 aal1", max_age: 0 })).status).toBe(200);
  });

  test("what is refused uses up neither the token nor the code", async () => {
    const person = await stalePerson();
    expect((await reauthenticate(person.device, { password, acr_values: "aal2", max_age: 60 })).status).toBe(403);
    expect((await reauthenticate(person.device, totp(person))).status).toBe(200);
    const device = await signIn(api, (await newDevice(api)).email);
    expect((await reauthenticate(device, { password, acr_values: "aal2" })).status).toBe(409);
    expect((await refresh(api, device.cookie)).status).toBe(200);
  });

  test.each([
    [{ method: "totp" }, "code"],
    [{ method: "email", code: "123456" }, "method"],
    [{ method: "totp", code: "123456", password }, "method"],
    [{ method: "totp", code: "123456", provider: "acme" }, "provider"],
    [{ method: "totp", code: "123456", id_token: "x" }, "id_token"],
    [{ code: "123456" }, "password"],
    [{ password, code: "123456" }, "code"],
    [{ provider: "acme", code: "12 34", redirect_uri: "https://app.example.com" }, "code"],
    [{ password, max_age: -1 }, "max_age"],
    [{ password, max_age: "300" }, "max_age"],
    [{ password, acr_values: "gold" }, "acr_values"],
    [{ password, acr_values: "" }, "acr_values"],
  ])("%j is refused and named: %s", async (body, field) => {
    const answer = await reauthenticate(await newDevice(api), body);
    expect([answer.status, answer.json.details.fields[0].field]).toEqual([422, field]);
  });
});
