import { describe, expect, test } from "vitest";
import { catalogue } from "../../shared/http/catalogue.ts";
import { claimsOf } from "../support/clients.ts";
import { page } from "../support/passkeys.ts";
import { newDevice, password, refreshed, signIn, toDevice, type Device } from "../support/people.ts";
import { anId } from "../support/routes.ts";
import { createFactorCalls } from "../support/second-factors.ts";
import { withSettings } from "../support/service.ts";
import { home, startSocialService } from "../support/social.ts";
import { create } from "../support/webauthn.ts";

const service = await startSocialService();
const { api, clock, issuer, exchange } = service;
let count = 0;

/** Every call that changes how an account is signed in to, with a body that would succeed. */
const sensitive: Record<string, () => Promise<object>> = {
  "POST /auth/me/identities/acme": async () => {
    count += 1;
    return { id_token: await issuer.idToken({ nonce: "n", sub: `planted${count}` }), nonce: "n" };
  },
  "DELETE /auth/me/identities/acme": async () => ({}),
  "POST /auth/email/change": async () => ({ email: `planted${(count += 1)}@example.com` }),
  "POST /auth/me/export": async () => ({}),
  "DELETE /auth/me": async () => ({}),
  [`POST /auth/mfa/totp/${anId}/confirm`]: async () => ({ code: "000000" }),
  "POST /auth/passkeys": async () => ({ credential: create(page, passkeyOptions).credential }),
};
const withoutBody = ["POST /auth/mfa/totp", `DELETE /auth/mfa/totp/${anId}`, "POST /auth/mfa/recovery-codes"];
withoutBody.push("POST /auth/passkeys/options", `DELETE /auth/passkeys/${anId}`);
for (const name of withoutBody) sensitive[name] = async () => ({});
for (const kind of ["mfa/totp", "passkeys"]) sensitive[`PATCH /auth/${kind}/${anId}`] = async () => ({ name: "Phone" });
const calls = Object.keys(sensitive);

describe("15.2 an access token alone, as every API behind a gateway sees it,", () => {
  test("every endpoint that asks for a fresh sign-in is in this table", () => {
    const declared = catalogue()
      .filter(({ confirmation }) => confirmation === "fresh_sign_in")
      .map(({ method, route }) => `${method} /${route.replace("{provider}", "acme").replace("{id}", anId)}`);
    expect(declared.toSorted()).toEqual(calls.toSorted());
    // What a person says of themselves: nobody is signed in to by it.
    const harmless = new Set(["account-change-profile"]);
    for (const entry of catalogue())
      if (entry.access === "session" && entry.method !== "GET" && !harmless.has(entry.name))
        expect(entry.confirmation, entry.name).toBeDefined();
  });

  test.each(calls)("%s: links and removes nothing", async (name) => {
    const victim = await newDevice(api);
    const own = { id_token: await issuer.idToken({ nonce: "n", sub: `own of ${victim.email}` }), nonce: "n" };
    expect((await call("POST /auth/me/identities/acme", victim, { ...own, cookie: victim.cookie })).status).toBe(200);
    const answer = await call(name, victim);
    expect([answer.status, answer.json.error_code]).toEqual([403, "SESSION_PROOF_REQUIRED"]);
    expect(await identitiesOf(victim)).toHaveLength(1);
  });

  test("does not even begin a way to a provider", async () => {
    const { accessToken: bearer } = await newDevice(api);
    const answer = await api.post("/auth/me/identities/acme", { bearer, body: { redirect_to: home } });
    expect([answer.status, answer.json.error_code, answer.setCookies]).toEqual([403, "SESSION_PROOF_REQUIRED", []]);
  });

  describe.each(calls)("%s with another's proof", (name) => {
    test.each([
      ["the attacker's own session", async () => (await newDevice(api)).refreshToken],
      ["another session of the victim", async (victim: Device) => (await signIn(api, victim.email)).refreshToken],
      ["a forged one", async () => "A".repeat(43)],
      ["the access token itself", async (victim: Device) => victim.accessToken],
      ["nothing", async () => ""],
    ])("%s", async (_what, tokenOf) => {
      const victim = await newDevice(api);
      const token = await tokenOf(victim);
      for (const shown of [{ refresh_token: token }, { cookie: `refresh_token=${token}` }]) {
        const answer = await call(name, victim, shown);
        expect([answer.status, answer.json.error_code]).toEqual([403, "SESSION_PROOF_REQUIRED"]);
      }
      expect(await identitiesOf(victim)).toEqual([]);
    });
  });

  test("a token in the body wins over the cookie, also where it proves nothing", async () => {
    const victim = await newDevice(api);
    const shown = { cookie: victim.cookie, refresh_token: "A".repeat(43) };
    expect((await call("POST /auth/me/identities/acme", victim, shown)).json.error_code).toBe("SESSION_PROOF_REQUIRED");
  });
});

describe("20.2 a session from before the account's second factor, as an older release left them,", () => {
  const { provenPerson, withApp } = createFactorCalls(service);
  const db = service.services.database.queries.withTables<{ sessions: { id: string; ended_at: Date | null } }>();

  /** Somebody whose other session has just shown the password, but never the factor. */
  async function stale() {
    const own = await provenPerson();
    const thief = await signIn(api, own.email);
    await withApp(own);
    const { sid: id = "" } = claimsOf(thief.accessToken);
    await db.updateTable("sessions").set({ ended_at: null }).where("id", "=", String(id)).execute();
    const { accessToken: bearer, cookie } = thief;
    return {
      own,
      other: toDevice(own.email, await api.post("/auth/reauthenticate", { bearer, cookie, body: { password } })),
    };
  }

  test.each(calls)("%s: is for a session that has shown it", async (name) => {
    const { own, other } = await stale();
    const answer = await call(name, other, { cookie: other.cookie });
    expect([answer.status, answer.json.error_code]).toEqual([403, "REAUTHENTICATION_REQUIRED"]);
    expect((await call(name, own, { cookie: own.cookie })).json.error_code).not.toBe("REAUTHENTICATION_REQUIRED");
  });

  test("changes no password, and learns none", async () => {
    const { own, other } = await stale();
    const change = ({ accessToken: bearer, cookie }: Device, present: string) =>
      api.post("/auth/password/change", {
        bearer,
        cookie,
        body: { current_password: present, password: "another pass phrase" },
      });
    for (const present of [password, "not my pass phrase"]) {
      const answer = await change(other, present);
      expect([answer.status, answer.json.error_code]).toEqual([403, "REAUTHENTICATION_REQUIRED"]);
    }
    expect((await change(own, password)).status).toBe(200);
  });
});

describe("15.2 a sign-in that is older than SENSITIVE_MAX_AGE_MINUTES", () => {
  test.each(calls)("%s: asks for another, after it has looked at the proof (RFC 9470)", async (name) => {
    const device = await newDevice(api);
    clock.advance(301);
    expect((await call(name, device)).json.error_code).toBe("SESSION_PROOF_REQUIRED");
    const answer = await call(name, device, { cookie: device.cookie });
    expect([answer.status, answer.json.error_code]).toEqual([403, "REAUTHENTICATION_REQUIRED"]);
    expect(answer.json.details).toEqual({ max_age_seconds: 300 });
    const challenge = answer.headers.get("www-authenticate");
    expect(challenge).toMatch(/^Bearer error="insufficient_user_authentication", .*max_age="300"$/);
    expect(await identitiesOf(device)).toEqual([]);
  });

  test("a refresh does not make it younger; reauthentication does", async () => {
    const device = await newDevice(api);
    clock.advance(299);
    const renewed = await refreshed(api, device);
    clock.advance(1);
    expect((await call("POST /auth/me/identities/acme", renewed, { cookie: renewed.cookie })).status).toBe(200);
    clock.advance(1);
    expect((await call("POST /auth/me/identities/acme", renewed, { cookie: renewed.cookie })).status).toBe(403);
    const { accessToken: bearer, cookie } = renewed;
    const proven = toDevice(
      device.email,
      await api.post("/auth/reauthenticate", { bearer, cookie, body: { password } }),
    );
    clock.advance(300);
    expect((await call("POST /auth/me/identities/acme", proven, { cookie: proven.cookie })).status).toBe(200);
    // What the access token says of it does not count: an older one of the same session is as good.
    expect((await call("DELETE /auth/me/identities/acme", renewed, { cookie: proven.cookie })).status).toBe(200);
  });

  test("the setting moves the limit, from 1 to 60 minutes", async () => {
    withSettings(service, { SENSITIVE_MAX_AGE_MINUTES: "60" });
    const device = await newDevice(api);
    clock.advance(1500);
    const renewed = await refreshed(api, device);
    const unlink = (one: Device) => call("DELETE /auth/me/identities/acme", one, { cookie: one.cookie });
    expect((await unlink(renewed)).json.error_code).toBe("IDENTITY_NOT_FOUND");
    clock.advance(2101);
    const late = await refreshed(api, renewed);
    const answer = await unlink(late);
    expect([answer.json.error_code, answer.json.details]).toEqual([
      "REAUTHENTICATION_REQUIRED",
      { max_age_seconds: 3600 },
    ]);
  });

  test("an app that brings an id_token of before is signed in, and was so when the provider said", async () => {
    const iat = Math.floor(clock.now().getTime() / 1000) - 400;
    const { data } = (await exchange({ sub: "with an old token", iat })).json;
    const answer = await call(
      "POST /auth/me/identities/acme",
      { accessToken: data.access_token },
      {
        refresh_token: data.refresh_token,
      },
    );
    expect(answer.json.error_code).toBe("REAUTHENTICATION_REQUIRED");
  });
});

/** What a browser was asked for to make a passkey. */
const passkeyOptions = { rp: { id: "localhost" }, user: { id: "AAAA" }, challenge: "AAAA" };

async function identitiesOf({ accessToken: bearer }: Device) {
  return (await api.get("/auth/me/identities", { bearer })).json.data.identities;
}

async function call(name: string, { accessToken: bearer }: Pick<Device, "accessToken">, shown: object = {}) {
  const [method = "", path = ""] = name.split(" ");
  const { cookie, ...body } = shown as { cookie?: string };
  return api.send(method, path, { bearer, cookie, body: { ...(await sensitive[name]?.()), ...body } });
}
