import { describe, expect, test } from "vitest";
import * as mfa from "../../client/src/mfa.ts";
import { withProof } from "../../client/src/account.ts";
import { LatchkeyError } from "../../client/src/index.ts";
import { totpAt } from "../../shared/mfa/totp.ts";
import { latestMail } from "../support/mails.ts";
import { password } from "../support/people.ts";
import { createFactorCalls } from "../support/second-factors.ts";
import { withSettings } from "../support/service.ts";
import { startSocialService } from "../support/social.ts";
import { accountHolders } from "./account-holder.ts";
import { createDevice } from "./device.ts";

const service = await startSocialService();
const { clock, services, url } = service;
const { transports, signedIn, stale } = accountHolders(service);
const { protectedPerson, recoveryCodes, codeOf, wrongCode } = createFactorCalls(service);

describe.each(Object.keys(transports))("20.10 second factors, by %s", (how) => {
  const open = () => createDevice(url).open(transports[how]?.());

  /** Shows the password, which must not be enough. */
  async function due(client: ReturnType<typeof open>, email: string): Promise<mfa.SecondFactorDue> {
    const outcome = await mfa.outcomeOf(client.login({ email, password }));
    expect(outcome.user).toBeUndefined();
    if (!outcome.due) throw new Error("no second factor is due");
    return outcome.due;
  }

  test("a sign-in waits for a code: a wrong one may be corrected, the right one signs in, on a device of its own", async () => {
    const person = await protectedPerson();
    const client = open();
    const waits = await due(client, person.email);
    expect(waits).toMatchObject({ methods: ["totp"], isEnrolment: false });
    const wrong = mfa.verify(client, waits, { method: "totp", code: wrongCode(person) });
    await expect(wrong).rejects.toMatchObject({ code: "MFA_CODE_INVALID" });
    expect(client.user).toBeUndefined();
    const user = await mfa.verify(client, waits, { method: "totp", code: codeOf(person) });
    expect([user.email, client.user, (await client.refresh())?.id]).toEqual([person.email, user, user.id]);
    const again = mfa.verify(client, waits, { method: "totp", code: codeOf(person) });
    await expect(again).rejects.toMatchObject({ code: "MFA_TOKEN_INVALID" });
  });

  test("a recovery code signs in; whoever needs no second factor is signed in at once; other errors stay errors", async () => {
    const person = await protectedPerson();
    const [code = ""] = await recoveryCodes(person);
    const client = open();
    const waits = await due(client, person.email);
    expect(waits.methods).toEqual(["totp", "recovery"]);
    expect((await mfa.verify(client, waits, { method: "recovery", code })).email).toBe(person.email);
    const { client: other, email } = await signedIn(transports[how]?.());
    expect((await mfa.outcomeOf(other.login({ email, password }))).user?.email).toBe(email);
    const refused = mfa.outcomeOf(other.login({ email, password: "not this one, alas" }));
    await expect(refused).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });
    expect(mfa.secondFactorDue(new LatchkeyError("RATE_LIMITED", "No"))).toBeUndefined();
  });

  test("a device that is remembered is asked no more, until it is forgotten", async () => {
    const person = await protectedPerson();
    const client = open();
    const shown = { method: "totp", code: codeOf(person), remember: true } as const;
    await mfa.verify(client, await due(client, person.email), shown);
    await client.logout();
    const { user } = await mfa.outcomeOf(client.login({ email: person.email, password }));
    expect(user?.email).toBe(person.email);
    const [device] = (await mfa.factors(client)).remembered_devices;
    expect(await mfa.forgetDevice(client, device?.id ?? "")).toMatchObject({ remembered_devices: [] });
    expect(await mfa.forgetDevices(client)).toMatchObject({ remembered_devices: [] });
    await client.logout();
    expect((await due(client, person.email)).methods).toEqual(["totp"]);
  });

  test("where one must be added, the sign-in enrols an app and is complete with its first code", async () => {
    const { email } = await proven();
    withSettings(service, { MFA_REQUIRED: "all" });
    const client = open();
    const waits = await due(client, email);
    expect(waits).toMatchObject({ methods: ["totp"], isEnrolment: true });
    const { id, secret, uri, qr_svg: svg } = await mfa.enrol(client, waits, { name: "Phone" });
    expect([uri.startsWith("otpauth://"), svg.includes("<svg")]).toEqual([true, true]);
    const user = await mfa.completeEnrolment(client, waits, { id, code: totpAt(secret, clock.now()) });
    expect([user.email, client.user?.id]).toEqual([email, user.id]);
    expect((await mfa.factors(client)).factors).toMatchObject([{ name: "Phone" }]);
  });

  test("an app is added, renamed and removed, recovery codes are made; a stale sign-in proves itself first", async () => {
    const asked: string[] = [];
    const { client } = await proven();
    const holder = withProof(client, async () => {
      asked.push("a proof");
      return { password };
    });
    stale();
    const app = await mfa.addTotp(holder);
    expect(asked).toEqual(["a proof"]);
    const before = await client.getAccessToken();
    const confirmed = await mfa.confirmTotp(holder, app.id, totpAt(app.secret, clock.now()));
    expect(confirmed).toMatchObject({ factors: [{ id: app.id, name: null }], recovery_codes_left: 0 });
    expect(await client.getAccessToken(), "the token that says so").not.toBe(before);
    expect(await mfa.renameTotp(holder, app.id, "Phone")).toMatchObject({ factors: [{ name: "Phone" }] });
    expect(await mfa.makeRecoveryCodes(holder)).toHaveLength(10);
    expect(await mfa.factors(holder)).toMatchObject({ recovery_codes_left: 10 });
    expect(await mfa.removeTotp(holder, app.id)).toMatchObject({ factors: [], recovery_codes_left: 0 });
    await expect(mfa.removeTotp(holder, "../../me")).rejects.toMatchObject({ code: "NOT_FOUND", status: 0 });
  });

  /** Somebody who is signed in, and whose address is proven. */
  async function proven() {
    const person = await signedIn(transports[how]?.());
    const { token } = (await latestMail(services, "verify_email", person.email)).data;
    await person.account.verifyEmail({ token });
    return person;
  }
});
