import { describe, expect, test } from "vitest";
import { removeEarlierMethods } from "../../../shared/flows/account/prove-address.ts";
import { provideServices } from "../../../shared/services.ts";
import { auditEvents } from "../../support/audit-events.ts";
import { claimsOf } from "../../support/clients.ts";
import { postedMails } from "../../support/mails.ts";
import { createPasskeyCalls, page } from "../../support/passkeys.ts";
import { meStatus, refreshed, signIn, toDevice } from "../../support/people.ts";
import { contextOf } from "../../support/context.ts";
import { createFactorCalls } from "../../support/second-factors.ts";
import { startService, withSettings } from "../../support/service.ts";
import { create, get, type Algorithm, type Twist } from "../../support/webauthn.ts";

const service = await startService();
const { api, clock, services, logLines } = service;
const { passkeyOwner, withPasskey, provenPerson, challenge, shown, signInBy, send, list } = createPasskeyCalls(service);
const { protectedPerson, verify, totp } = createFactorCalls(service);
const eventsSince = auditEvents(logLines);

const codeOf = ({ status, json }: { status: number; json: { error_code?: string } }) => [status, json.error_code];

describe("20.5 signing in with a passkey", () => {
  test.each<Algorithm>(["ES256", "EdDSA", "RS256"])("by %s is two factors", async (algorithm) => {
    const owner = await passkeyOwner({ algorithm });
    const answer = await signInBy(await shown(owner));
    expect(codeOf(answer)).toEqual([200, undefined]);
    const device = toDevice(owner.email, answer);
    const said = { acr: "phr", amr: ["pop", "user", "mfa"] };
    expect(claimsOf(device.accessToken)).toMatchObject(said);
    expect(claimsOf((await refreshed(api, device)).accessToken)).toMatchObject(said);
    expect(await meStatus(api, device)).toBe(200);
    expect((await list(device)).json.data.passkeys[0].last_used_at).toBe(clock.now().toISOString());
  });

  test("asks for any passkey of the domain, and names none", async () => {
    const { options, challenge_id: id } = await challenge();
    expect(options).toMatchObject({ rpId: "localhost", allowCredentials: [], userVerification: "preferred" });
    expect(id).toMatch(/^[\w-]{22}$/);
  });

  test("completes the sign-in of an account that takes a second factor", async () => {
    const { device } = await protectedPerson();
    const answer = await signInBy(await shown(await withPasskey(device)));
    expect(claimsOf(answer.json.data.access_token)).toMatchObject({ acr: "phr" });
  });

  test("without its user's verification is one factor, and a second one is due where the account has one", async () => {
    const one = await signInBy(await shown(await passkeyOwner(), { isUserVerified: false }));
    expect(claimsOf(one.json.data.access_token)).toMatchObject({ acr: "aal1", amr: ["pop", "user"] });
    const person = await protectedPerson();
    const { passkey } = await withPasskey(person.device);
    const begun = await signInBy(await shown({ passkey }, { isUserVerified: false }));
    expect([begun.status, begun.json.data.mfa_required, begun.cookie?.split("=")[0]]).toEqual([
      200,
      true,
      "latchkey_device",
    ]);
    clock.advance(30);
    const answer = { answer: begun, mfaToken: begun.json.data.mfa_token, cookie: begun.cookie ?? "" };
    const completed = await verify(answer, totp(person));
    expect(claimsOf(completed.json.data.access_token).amr).toEqual(["pop", "user", "otp", "mfa"]);
  });

  test("a security key that verified nobody when it was added does not count as two factors by a PIN that it has now", async () => {
    const key = { isBackupEligible: false, isBackedUp: false };
    const owner = await passkeyOwner({ ...key, isUserVerified: false });
    for (let turn = 0; turn < 2; turn += 1) {
      const answer = await signInBy(await shown(owner, key));
      expect(claimsOf(answer.json.data.access_token)).toMatchObject({ acr: "aal1", amr: ["pop", "user"] });
    }
    const verified = await passkeyOwner(key);
    expect(claimsOf((await signInBy(await shown(verified, key))).json.data.access_token).acr).toBe("phr");
  });

  test("a passkey that the browser made by itself, and keeps on several devices, counts once it verifies its user", async () => {
    const owner = await passkeyOwner({ isUserVerified: false });
    expect(claimsOf((await signInBy(await shown(owner))).json.data.access_token).acr).toBe("phr");
  });

  test("meets MFA_REQUIRED=all", async () => {
    const owner = await passkeyOwner();
    withSettings(service, { MFA_REQUIRED: "all" });
    expect(claimsOf((await signInBy(await shown(owner))).json.data.access_token).acr).toBe("phr");
    const single = await signInBy(await shown(owner, { isUserVerified: false }));
    expect([single.status, single.json.error_code]).toEqual([401, "PASSKEY_INVALID"]);
  });

  test("tells the owner of a new device, and keeps one that it knows", async () => {
    const owner = await passkeyOwner();
    const first = await signInBy(await shown(owner));
    const mails = async () =>
      (await postedMails(services)).filter(({ to, template }) => to === owner.email && template === "new_device");
    expect(await mails()).toHaveLength(1);
    const device = first.setCookies.find((cookie) => cookie.startsWith("latchkey_device="))?.split(";")[0];
    expect((await signInBy(await shown(owner), device)).status).toBe(200);
    expect(await mails()).toHaveLength(1);
  });

  test("replaces the browser's session, and gives apps their tokens in the body", async () => {
    const owner = await passkeyOwner();
    const answer = await signInBy({ ...(await shown(owner)), transport: "body" }, owner.device.cookie);
    expect(Object.keys(answer.json.data)).toEqual(expect.arrayContaining(["refresh_token", "device_id"]));
    expect(await meStatus(api, owner.device)).toBe(401);
  });

  test("survives a change of the password", async () => {
    const owner = await passkeyOwner();
    const body = { current_password: "correct horse battery", password: "another horse battery" };
    expect((await send("POST", "/auth/password/change", owner.device, body)).status).toBe(200);
    expect((await signInBy(await shown(owner))).status).toBe(200);
  });
});

describe("20.5 refused: signing in with", () => {
  const twists: Record<string, Twist> = {
    "another origin": { origin: "https://evil.test" },
    "another ceremony": { type: "webauthn.create" },
    "another domain": { rpId: "evil.test" },
    "another challenge": { challenge: Buffer.alloc(37, 1).toString("base64url") },
    "no gesture": { isUserPresent: false },
    "an embedded page": { crossOrigin: true, topOrigin: "https://evil.test" },
  };

  test.each(Object.entries(twists))("%s", async (_what, twist) => {
    expect(codeOf(await signInBy(await shown(await passkeyOwner(), twist)))).toEqual([401, "PASSKEY_INVALID"]);
  });

  const unsigned: Record<string, Twist> = {
    "a wrong signature": {
      signature: (bytes) =>
        Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.readUInt8(bytes.length - 1) ^ 1])]),
    },
    "no signature": { signature: () => Buffer.alloc(0) },
    "the user handle of another": { userHandle: Buffer.alloc(32, 5).toString("base64url") },
    "no user handle": { userHandle: undefined },
  };

  test("other flags than it was made with: who has signed has the key, and no browser is to forget it", async () => {
    const twist = { isBackupEligible: false, isBackedUp: false };
    expect(codeOf(await signInBy(await shown(await passkeyOwner(), twist)))).toEqual([401, "PASSKEY_INVALID"]);
  });

  test.each(Object.entries(unsigned))("%s, as a passkey that no account has", async (_what, twist) => {
    const owner = await passkeyOwner();
    const answer = await signInBy(await shown(owner, twist));
    expect(codeOf(answer)).toEqual([401, "PASSKEY_UNKNOWN"]);
    expect(answer.json.details).toEqual({ rp_id: "localhost", credential_id: owner.passkey.id.toString("base64url") });
  });

  test("a passkey that no account has: the browser is told which", async () => {
    const { options, challenge_id } = await challenge();
    const { made } = create(page, {
      rp: { id: "localhost" },
      user: { id: Buffer.alloc(32).toString("base64url") },
      challenge: "",
    });
    const answer = await signInBy({ challenge_id, credential: get(page, options, made) });
    expect(codeOf(answer)).toEqual([401, "PASSKEY_UNKNOWN"]);
    expect(answer.json.details).toEqual({ rp_id: "localhost", credential_id: made.id.toString("base64url") });
  });

  test("the challenge of another sign-in, of adding a passkey, and one that has expired", async () => {
    const owner = await passkeyOwner();
    const [one, other] = [await shown(owner), await shown(owner)];
    expect(codeOf(await signInBy({ ...one, challenge_id: other.challenge_id }))).toEqual([401, "PASSKEY_INVALID"]);
    const { options } = (await send("POST", "/auth/passkeys/options", owner.device)).json.data;
    const credential = get(page, { rpId: "localhost", challenge: options.challenge }, owner.passkey);
    expect(codeOf(await signInBy({ ...one, credential }))).toEqual([401, "PASSKEY_INVALID"]);
    expect((await signInBy(one)).status).toBe(200);
    clock.advance(300);
    expect(codeOf(await signInBy(other))).toEqual([401, "PASSKEY_INVALID"]);
  });

  test("a count that runs backwards, which raises an alarm; one that runs on is taken", async () => {
    const owner = await passkeyOwner({ doesCount: true });
    expect((await signInBy(await shown(owner, { count: 5 }))).status).toBe(200);
    for (const count of [5, 4, 0]) {
      const start = logLines.length;
      expect(codeOf(await signInBy(await shown(owner, { count }))), `${count}`).toEqual([401, "PASSKEY_INVALID"]);
      expect(eventsSince(start)).toEqual(["passkey.count_reversed", "sign_in.failed"]);
    }
    expect((await signInBy(await shown(owner, { count: 6 }))).status).toBe(200);
    expect((await signInBy(await shown(owner, { count: 0xffffffff }))).status).toBe(200);
  });

  test("a passkey that is removed while it is shown, which raises no alarm", async () => {
    const body = await shown(await passkeyOwner({ doesCount: true }));
    const find: typeof services.passkeys.find = async (credentialId) => {
      const found = await services.passkeys.find(credentialId);
      if (found) await services.passkeys.remove(found);
      return found;
    };
    provideServices({ ...services, passkeys: { ...services.passkeys, find } });
    const start = logLines.length;
    expect(codeOf(await signInBy(body))).toEqual([401, "PASSKEY_INVALID"]);
    provideServices(services);
    expect(eventsSince(start)).toEqual(["sign_in.failed"]);
  });

  test("the passkey of an account that is inactive, unproven or to be erased; the last is told to its owner alone", async () => {
    const [inactive, unproven, deleted] = [await passkeyOwner(), await passkeyOwner(), await passkeyOwner()];
    const db = services.database.queries.withTables<{
      users: { email: string; is_active: boolean; email_verified_at: Date | null };
    }>();
    await db.updateTable("users").set({ is_active: false }).where("email", "=", inactive.email).execute();
    await db.updateTable("users").set({ email_verified_at: null }).where("email", "=", unproven.email).execute();
    for (const owner of [inactive, unproven])
      expect(codeOf(await signInBy(await shown(owner)))).toEqual([401, "PASSKEY_INVALID"]);
    const erasing = await send("DELETE", "/auth/me", deleted.device);
    expect(erasing.status).toBe(200);
    expect(codeOf(await signInBy(await shown(deleted)))).toEqual([403, "ACCOUNT_DELETION_PENDING"]);
    const forged = await shown(deleted, { signature: () => Buffer.alloc(70, 0x30) });
    expect(codeOf(await signInBy(forged))).toEqual([401, "PASSKEY_UNKNOWN"]);
  });
});

test("20.5 whoever proves the address of an account that somebody else has made removes their passkeys", async () => {
  const owner = await passkeyOwner();
  const { sub: accountId } = claimsOf(owner.device.accessToken);
  expect(await services.passkeys.list(accountId)).toHaveLength(1);
  await services.transaction(contextOf(services), (tx) =>
    removeEarlierMethods(tx, { accountId, provider: undefined }, clock.now()),
  );
  expect(await services.passkeys.list(accountId)).toEqual([]);
  expect(codeOf(await signInBy(await shown(owner)))).toEqual([401, "PASSKEY_UNKNOWN"]);
});

test("20.5 without a domain that passkeys can belong to, there are none", async () => {
  const device = await provenPerson();
  withSettings(service, { ISSUER: "http://127.0.0.1:7071" });
  for (const path of ["/auth/passkeys/sign-in/options", "/auth/passkeys/sign-in"])
    expect(codeOf(await api.post(path, { body: {} })), path).toEqual([404, "NOT_FOUND"]);
  expect((await api.get("/auth/passkeys", { bearer: device.accessToken })).status).toBe(404);
});

test("20.5 related origins are published where there are some", async () => {
  expect((await api.get("/.well-known/webauthn")).status).toBe(404);
  withSettings(service, { RP_ORIGINS: "http://localhost:3000,https://shop.example.org" });
  const answer = await api.get("/.well-known/webauthn");
  expect([answer.status, answer.json]).toEqual([200, { origins: ["https://shop.example.org"] }]);
  expect(answer.headers.get("content-type")).toMatch(/^application\/json/);
});

test("a session by a passkey may change how the account is signed in to", async () => {
  const owner = await passkeyOwner();
  const answer = await signInBy(await shown(owner));
  const device = toDevice(owner.email, answer);
  expect((await send("DELETE", `/auth/passkeys/${owner.passkeyId}`, device)).status).toBe(200);
  await signIn(api, owner.email);
});
