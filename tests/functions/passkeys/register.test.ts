import { describe, expect, test } from "vitest";
import type { ApiAnswer } from "../../support/api.ts";
import { latestMail, postedMails } from "../../support/mails.ts";
import { createPasskeyCalls, page } from "../../support/passkeys.ts";
import { signIn } from "../../support/people.ts";
import { startService } from "../../support/service.ts";
import { create } from "../../support/webauthn.ts";

const service = await startService();
const { api, clock, services } = service;
const calls = createPasskeyCalls(service);
const { send, provenPerson, newDevice, begin, add, make, withPasskey, passkeyOwner, list } = calls;

describe("20.5 options for a passkey", () => {
  test("are the JSON of WebAuthn level 3: pinned algorithms, no attestation, and a user handle that is not the account's id", async () => {
    const device = await provenPerson();
    const { options } = (await begin(device)).json.data;
    expect(options).toMatchObject({
      rp: { id: "localhost", name: services.config.product.name },
      user: { name: device.email },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
      attestation: "none",
      excludeCredentials: [],
      authenticatorSelection: { residentKey: "preferred", userVerification: "preferred" },
    });
    const handle = Buffer.from(options.user.id, "base64url");
    expect(handle).toHaveLength(32);
    const again = (await begin(device)).json.data.options;
    expect([again.user.id, again.challenge === options.challenge]).toEqual([options.user.id, false]);
  });

  test("exclude those that the account has", async () => {
    const { device, passkey } = await passkeyOwner();
    const { options } = (await begin(device)).json.data;
    const id = passkey.id.toString("base64url");
    expect(options.excludeCredentials).toEqual([{ type: "public-key", id, transports: ["hybrid", "internal"] }]);
  });

  test("asked for ten times at once name one user handle", async () => {
    const device = await provenPerson();
    const answers = await Promise.all(Array.from({ length: 10 }, () => begin(device)));
    expect(new Set(answers.map(({ json }) => json.data.options.user.id)).size).toBe(1);
  });

  test("are for a proven address: whoever proves it later would take the account over", async () => {
    const answer = await begin(await newDevice());
    expect([answer.status, answer.json.error_code]).toEqual([403, "EMAIL_NOT_VERIFIED"]);
  });
});

describe("20.5 adding a passkey", () => {
  test("lists it, tells the owner, and leaves signing in with the password as it is", async () => {
    const { device, passkey } = await passkeyOwner();
    const listed = (await list(device)).json.data;
    const id = passkey.id.toString("base64url");
    expect(listed.passkeys).toMatchObject([
      {
        credential_id: id,
        name: "Laptop",
        created_at: clock.now().toISOString(),
        last_used_at: null,
        is_backed_up: true,
      },
    ]);
    expect(listed.signal).toEqual({
      rp_id: "localhost",
      user_id: passkey.userHandle,
      credential_ids: [id],
      name: device.email,
      display_name: expect.stringContaining("Person"),
    });
    expect((await latestMail(services, "passkey_added", device.email)).data).toMatchObject({ name: "Laptop" });
    await signIn(api, device.email);
  });

  test("whose answer was lost is the same success once more: one passkey, one mail", async () => {
    const device = await provenPerson();
    const { credential } = await make(device);
    const answers: ApiAnswer[] = [];
    for (let turn = 0; turn < 3; turn += 1) answers.push(await add(device, credential, { name: "Key" }));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(answers.map(({ json }) => json.data)).toEqual(answers.map(() => answers[0]?.json.data));
    const mails = (await postedMails(services)).filter(({ to }) => to === device.email);
    expect(mails.map(({ template }) => template)).toEqual(["verify_email", "passkey_added"]);
  });

  test("20 times at once adds one", async () => {
    const device = await provenPerson();
    const { credential } = await make(device);
    const answers = await Promise.all(Array.from({ length: 20 }, () => add(device, credential)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await list(device)).json.data.passkeys).toHaveLength(1);
  });

  test("with a challenge that another passkey has met adds none", async () => {
    const device = await provenPerson();
    const { options } = (await begin(device)).json.data;
    const made = Array.from({ length: 20 }, () => create(page, options));
    const answers = await Promise.all(made.map(({ credential }) => add(device, credential)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const refused = new Set(answers.map(({ json }) => json.error_code).filter(Boolean));
    expect([...refused]).toEqual(["PASSKEY_INVALID"]);
  });

  test("is for the session that asked, within five minutes", async () => {
    const device = await provenPerson();
    const [{ credential }, late] = [await make(device), await make(device)];
    const other = await signIn(api, device.email);
    for (const thief of [other, await provenPerson()])
      expect((await add(thief, credential)).json.error_code).toBe("PASSKEY_INVALID");
    clock.advance(299);
    expect((await add(device, credential)).status).toBe(200);
    clock.advance(1);
    const answer = await add(device, late.credential);
    expect([answer.status, answer.json.error_code]).toEqual([401, "PASSKEY_INVALID"]);
  });

  test("takes no challenge of a sign-in", async () => {
    const device = await provenPerson();
    const { options } = (await begin(device)).json.data;
    const { challenge } = (await calls.challenge()).options;
    const { credential } = create(page, { ...options, challenge });
    expect((await add(device, credential)).json.error_code).toBe("PASSKEY_INVALID");
  });

  test("takes no credential that another account has, nor another key under its id", async () => {
    const { passkey } = await passkeyOwner();
    const thief = await provenPerson();
    const { credential } = await make(thief, { credentialId: passkey.id });
    expect((await add(thief, credential)).json.error_code).toBe("PASSKEY_INVALID");
    const owner = await passkeyOwner();
    const { credential: another } = await make(owner.device, { credentialId: owner.passkey.id });
    expect((await add(owner.device, another)).json.error_code).toBe("PASSKEY_INVALID");
  });

  test("a removed passkey does not come back by its old answer", async () => {
    const device = await provenPerson();
    const { credential } = await make(device);
    const { id } = (await add(device, credential)).json.data.passkeys[0];
    expect((await send("DELETE", `/auth/passkeys/${id}`, device)).status).toBe(200);
    expect((await add(device, credential)).json.error_code).toBe("PASSKEY_INVALID");
  });

  test("ends at 20", async () => {
    const device = await provenPerson();
    const { credential } = await make(device);
    for (let count = 0; count < 20; count += 1) await withPasskey(device);
    for (const answer of [await begin(device), await add(device, credential)])
      expect([answer.status, answer.json.error_code]).toEqual([409, "TOO_MANY_PASSKEYS"]);
  });

  test("needs a sign-in of the last minutes, and the session's proof", async () => {
    const device = await provenPerson();
    const { credential } = await make(device);
    const bearer = device.accessToken;
    const bare = await api.post("/auth/passkeys", { bearer, body: { credential } });
    expect(bare.json.error_code).toBe("SESSION_PROOF_REQUIRED");
    clock.advance(services.config.sessions.sensitiveMaxAgeSeconds + 1);
    for (const answer of [await begin(device), await add(device, credential)])
      expect(["REAUTHENTICATION_REQUIRED", "TOKEN_EXPIRED"]).toContain(answer.json.error_code);
  });

  test.each([
    {},
    { credential: {} },
    { credential: { id: "x", rawId: "x", type: "password", response: {} } },
    { credential: "x" },
  ])("refuses %j as no credential", async (body) => {
    const answer = await send("POST", "/auth/passkeys", await provenPerson(), body);
    expect([answer.status, answer.json.error_code]).toEqual([422, "VALIDATION_ERROR"]);
  });
});
