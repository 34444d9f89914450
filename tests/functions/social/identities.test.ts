import type { JWTPayload } from "jose";
import { describe, expect, test } from "vitest";
import {
  meStatus,
  newDevice,
  password,
  registerPerson,
  signIn as signInByPassword,
  type Device,
} from "../../support/people.ts";
import {
  createBrowser,
  home,
  issuerSettings,
  locationOf,
  ownOrigin,
  startSocialService,
} from "../../support/social.ts";
import { startIssuer } from "../../support/providers/issuer.ts";
import { createTestClock } from "../../support/clock.ts";

const other = await startIssuer(createTestClock());
const service = await startSocialService(issuerSettings("OIDC_OTHER", other));
const { api, url, issuer, exchange, logLines } = service;
let count = 0;

function newPerson() {
  count += 1;
  return { sub: `linked${count}`, email: `at-the-provider${count}@example.com`, email_verified: true };
}

/** What a sign-in has left on a device: the session's own refresh token confirms what its access token asks for. */
type Tokens = Pick<Device, "accessToken" | "refreshToken">;

describe("POST /auth/me/identities/{provider}", () => {
  test("links an identity, by which one can then sign in to the same account", async () => {
    const device = await newDevice(api);
    const person = newPerson();
    const answer = await link(device, person);
    expect([answer.status, answer.json.message]).toEqual([200, "Identity linked"]);
    expect(answer.json.data).toEqual({
      identities: [
        { provider: "acme", email: person.email, created_at: expect.any(String), last_used_at: expect.any(String) },
      ],
      has_password: true,
    });
    expect((await exchange(person)).json.data.user).toMatchObject({ email: device.email, provider: null });
    expect(logLines.some((line) => line.includes('"type":"identity.linked"') && line.includes("by its owner"))).toBe(
      true,
    );
  });

  test("an identity that is the account's already stays so, also when 10 calls race", async () => {
    const device = await newDevice(api);
    const person = newPerson();
    const answers = await Promise.all(Array.from({ length: 10 }, () => link(device, person)));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect((await link(device, person)).json.data.identities).toHaveLength(1);
  });

  test("another account's identity: 409, and it stays where it is; of two accounts that race one gets it", async () => {
    const person = newPerson();
    const owner = (await exchange(person)).json.data.user.id;
    const device = await newDevice(api);
    const answer = await link(device, person);
    expect([answer.status, answer.json.error_code]).toEqual([409, "IDENTITY_ALREADY_LINKED"]);
    expect((await exchange(person)).json.data.user.id).toBe(owner);
    const fresh = newPerson();
    const devices = await Promise.all(Array.from({ length: 6 }, () => newDevice(api)));
    const statuses = await Promise.all(devices.map(async (one) => (await link(one, fresh)).status));
    expect(statuses.toSorted()).toEqual([200, 409, 409, 409, 409, 409]);
  });

  test("several providers, and several identities of one", async () => {
    const device = await newDevice(api);
    await link(device, newPerson());
    await link(device, newPerson());
    await link(device, newPerson(), { provider: "other", by: other });
    const { data } = (await api.get("/auth/me/identities", { bearer: device.accessToken })).json;
    expect(data.identities.map(({ provider }: { provider: string }) => provider).toSorted()).toEqual([
      "acme",
      "acme",
      "other",
    ]);
  });

  test("what LINK_REQUIRES_PROOF asks for: sign in, link, and from then on the provider's word is enough", async () => {
    const email = await registerPerson(api);
    const person = { ...newPerson(), email, email_verified: false };
    expect((await exchange(person)).json.error_code).toBe("LINK_REQUIRES_PROOF");
    expect((await link(await signInByPassword(api, email), person)).status).toBe(200);
    expect((await exchange(person)).json.data.user.email).toBe(email);
    expect((await api.post("/auth/login", { body: { email, password } })).status).toBe(200);
  });

  test("without a session: 401; with an ended one: 401", async () => {
    expect((await api.post("/auth/me/identities/acme", { body: { id_token: "x", nonce: "n" } })).status).toBe(401);
    const device = await newDevice(api);
    await api.post("/auth/logout", { bearer: device.accessToken });
    expect((await link(device, newPerson())).status).toBe(401);
  });

  test("bad input is named, and nothing is linked", async () => {
    const { accessToken: bearer, cookie } = await newDevice(api);
    for (const [body, field] of [
      [{}, "code"],
      [{ redirect_to: "https://evil.example/" }, "redirect_to"],
      [{ redirect_to: "" }, "redirect_to"],
      [{ redirect_to: home, id_token: "x", nonce: "n" }, "redirect_to"],
      [{ access_token: "x" }, "access_token"],
    ] as const) {
      const answer = await api.post("/auth/me/identities/acme", { bearer, cookie, body });
      expect([answer.status, answer.json.details.fields[0].field]).toEqual([422, field]);
    }
    const forged = await api.post("/auth/me/identities/acme", {
      bearer,
      cookie,
      body: { id_token: "x.y.z", nonce: "n" },
    });
    expect([forged.status, forged.json.error_code]).toEqual([401, "PROVIDER_TOKEN_INVALID"]);
    expect((await api.post("/auth/me/identities/nobody", { bearer, cookie, body: { redirect_to: home } })).status).toBe(
      404,
    );
    expect((await api.get("/auth/me/identities", { bearer })).json.data.identities).toEqual([]);
  });
});

describe("POST /auth/me/identities/{provider} with redirect_to", () => {
  async function begin({ accessToken, refreshToken }: Tokens, browser = createBrowser()) {
    const headers = {
      Authorization: `Bearer ${accessToken}`,
      "Content-Type": "application/json",
      Origin: "http://localhost:3000",
    };
    const body = JSON.stringify({ redirect_to: `${home}account`, refresh_token: refreshToken });
    const answer = await browser.visit(`${url}/auth/me/identities/acme`, { method: "POST", headers, body });
    const { data } = (await answer.json()) as { data: { authorization_url: string } };
    return { browser, back: issuer.authorize(data.authorization_url).replace(ownOrigin, url) };
  }

  test("links by way of the provider, and leaves the browser's session as it is", async () => {
    const device = await newDevice(api);
    const person = newPerson();
    issuer.person = person;
    const { browser, back } = await begin(device);
    const answer = await browser.visit(back);
    expect(locationOf(answer).href).toBe(`${home}account#`);
    expect(answer.headers.getSetCookie().filter((line) => line.startsWith("refresh_token="))).toEqual([]);
    expect((await exchange(person)).json.data.user.email).toBe(device.email);
  });

  test("an attempt of somebody else's browser links nothing", async () => {
    const attacker = await newDevice(api);
    issuer.person = newPerson();
    const { back } = await begin(attacker);
    expect(locationOf(await createBrowser().visit(back)).searchParams.get("error")).toBe("INVALID_STATE");
    expect((await api.get("/auth/me/identities", { bearer: attacker.accessToken })).json.data.identities).toEqual([]);
  });

  test("when the session has ended meanwhile, nothing is linked", async () => {
    const device = await newDevice(api);
    const person = newPerson();
    issuer.person = person;
    const { browser, back } = await begin(device);
    await api.post("/auth/logout", { bearer: device.accessToken });
    expect(locationOf(await browser.visit(back)).href).toBe(`${home}account?error=UNAUTHENTICATED#`);
    expect((await exchange(person)).json.data.user.email).toBe(person.email);
  });

  test("another account's identity: the error is told at the page that asked", async () => {
    const person = newPerson();
    await exchange(person);
    issuer.person = person;
    const { browser, back } = await begin(await newDevice(api));
    expect(locationOf(await browser.visit(back)).href).toBe(`${home}account?error=IDENTITY_ALREADY_LINKED#`);
  });

  test("a foreign page may not begin it", async () => {
    const { accessToken: bearer } = await newDevice(api);
    const request = { bearer, body: { redirect_to: home }, headers: { Origin: "https://evil.example" } };
    expect((await api.post("/auth/me/identities/acme", request)).status).toBe(403);
  });
});

describe("DELETE /auth/me/identities/{provider}", () => {
  test("removes the identities of a provider, and ends the other sessions, which may have come by them", async () => {
    const device = await newDevice(api);
    const person = newPerson();
    await link(device, person);
    await link(device, newPerson());
    const intruder = await exchange(person);
    const answer = await unlink(device);
    expect([answer.status, answer.json.data]).toEqual([200, { identities: [], has_password: true }]);
    expect((await api.get("/auth/me", { bearer: intruder.json.data.access_token })).status).toBe(401);
    expect(await meStatus(api, device)).toBe(200);
    // From then on it is somebody new.
    expect((await exchange(person)).json.data.user.email).toBe(person.email);
  });

  test("the last way in stays, also when two calls race for the last two", async () => {
    const person = newPerson();
    const device = await exchanged(person);
    const alone = await unlink(device);
    expect([alone.status, alone.json.error_code]).toEqual([409, "LAST_SIGN_IN_METHOD"]);
    await link(device, newPerson(), { provider: "other", by: other });
    const race = await Promise.all([unlink(device), unlink(device, "other")]);
    expect(race.map(({ status }) => status).toSorted()).toEqual([200, 409]);
    expect((await api.get("/auth/me/identities", { bearer: device.accessToken })).json.data.identities).toHaveLength(1);
  });

  test("an identity of a provider that is no longer set up is no way in", async () => {
    const device = await exchanged(newPerson());
    const { user } = (await api.get("/auth/me", { bearer: device.accessToken })).json.data;
    const gone = { id: user.id, accountId: user.id, provider: "gone", subject: user.id, email: null };
    await service.services.identities.add(gone, service.clock.now());
    expect((await unlink(device)).json.error_code).toBe("LAST_SIGN_IN_METHOD");
    expect((await unlink(device, "gone")).status).toBe(200);
  });

  test.each(["other", "nobody", "ACME", "__proto__"])("a provider of which there is none, %s: 404", async (name) => {
    const device = await newDevice(api);
    await link(device, newPerson());
    const answer = await unlink(device, name);
    expect([answer.status, answer.json.error_code]).toEqual([404, "IDENTITY_NOT_FOUND"]);
    expect((await api.get("/auth/me/identities", { bearer: device.accessToken })).json.data.identities).toHaveLength(1);
  });

  test("without a session: 401", async () => {
    expect((await api.send("DELETE", "/auth/me/identities/acme")).status).toBe(401);
    expect((await api.get("/auth/me/identities")).status).toBe(401);
  });
});

async function link(device: Tokens, person: object, { provider, by } = { provider: "acme", by: issuer }) {
  const idToken = await by.idToken({ nonce: "n", ...person });
  const body = { id_token: idToken, nonce: "n", refresh_token: device.refreshToken };
  return api.post(`/auth/me/identities/${provider}`, { bearer: device.accessToken, body });
}

const unlink = ({ accessToken: bearer, refreshToken }: Tokens, provider = "acme") =>
  api.send("DELETE", `/auth/me/identities/${provider}`, { bearer, body: { refresh_token: refreshToken } });

/** Signs in at the provider, as an app does. */
async function exchanged(person: JWTPayload): Promise<Tokens> {
  const { data } = (await exchange(person)).json;
  return { accessToken: data.access_token, refreshToken: data.refresh_token };
}
