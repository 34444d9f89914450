import { describe, expect, test } from "vitest";
import type { UsersTable } from "../../../shared/accounts/tables.ts";
import { auditEvents } from "../../support/audit-events.ts";
import {
  meStatus,
  newDevice,
  password,
  refresh,
  registerPerson,
  signIn as signInByPassword,
} from "../../support/people.ts";
import { issuerSettings, startSocialService } from "../../support/social.ts";
import { startIssuer } from "../../support/providers/issuer.ts";
import { createTestClock } from "../../support/clock.ts";

const clock = createTestClock();
// A second issuer, whose word for an address does not count.
const stranger = await startIssuer(clock);
const service = await startSocialService(issuerSettings("OIDC_STRANGER", stranger));
const { api, exchange, logLines, services } = service;
const eventsSince = auditEvents(logLines);
const db = services.database.queries.withTables<{ users: UsersTable }>();
let count = 0;

/** Somebody new at the provider, whose address it proves. */
function newPerson(overrides: object = {}) {
  count += 1;
  return {
    sub: `sub${count}`,
    email: `social${count}@example.com`,
    email_verified: true,
    name: `Name ${count}`,
    ...overrides,
  };
}

describe("the same identity", () => {
  test("is the same account, and its name and picture follow the provider", async () => {
    const person = newPerson({ picture: "https://img.example/1.png" });
    const first = (await exchange(person)).json.data.user;
    service.clock.advance(60);
    clock.advance(60);
    const second = (await exchange({ ...person, name: "New Name", picture: "https://img.example/2.png" })).json.data
      .user;
    expect(second).toMatchObject({
      id: first.id,
      name: "New Name",
      picture: "https://img.example/2.png",
      username: first.username,
    });
    expect(second.updated_at > first.updated_at && second.last_login > first.last_login).toBe(true);
  });

  test("keeps its account and its proven address when the provider names another address", async () => {
    const person = newPerson();
    const first = (await exchange(person)).json.data.user;
    const second = (await exchange({ ...person, email: "moved@example.com" })).json.data.user;
    expect(second).toMatchObject({ id: first.id, email: person.email, email_verified: true });
  });

  test("gets the proven address that it was without, unless somebody has it", async () => {
    const person = newPerson();
    const id = (await exchange({ ...person, email: undefined })).json.data.user.id;
    const start = logLines.length;
    expect((await exchange(person)).json.data.user).toMatchObject({ id, email: person.email, email_verified: true });
    expect(eventsSince(start)).toEqual(["account.address_proven", "sign_in.succeeded"]);
    const taken = newPerson({ email: await registerPerson(api) });
    const first = (await exchange({ ...taken, email: undefined })).json.data.user;
    expect((await exchange(taken)).json.data.user).toMatchObject({ id: first.id, email: null });
    expect((await api.post("/auth/login", { body: { email: taken.email, password } })).status).toBe(200);
  });

  test("gets no address that is not proven: whoever proves it later would get the account", async () => {
    const person = newPerson();
    const id = (await byStranger({ ...person, email: undefined })).json.data.user.id;
    expect((await byStranger(person)).json.data.user).toMatchObject({ id, email: null, email_verified: false });
    const holder = (await exchange(newPerson({ email: person.email }))).json.data.user;
    expect(holder.id).not.toBe(id);
    expect((await byStranger(person)).json.data.user.id).toBe(id);
  });

  test("what the provider no longer says stays", async () => {
    const person = newPerson({ picture: "https://img.example/1.png" });
    const first = (await exchange(person)).json.data.user;
    expect((await exchange({ ...person, name: undefined, picture: undefined })).json.data.user).toMatchObject({
      name: first.name,
      picture: first.picture,
    });
  });

  test("a subject in another letter case is another person", async () => {
    const person = newPerson({ sub: "CaseCounts", email: undefined });
    const one = (await exchange(person)).json.data.user.id;
    expect((await exchange({ ...person, sub: "casecounts" })).json.data.user.id).not.toBe(one);
  });

  test("the same subject at another provider is another person", async () => {
    const person = newPerson({ email: undefined });
    const one = (await exchange(person)).json.data.user.id;
    expect((await byStranger(person)).json.data.user.id).not.toBe(one);
  });
});

describe("an address that an account has proven", () => {
  test("and the provider proves: the identity is linked, with a notice, and everything else stays", async () => {
    const device = await newDevice(api);
    await verify(device.email);
    const start = logLines.length;
    const answer = await exchange(newPerson({ email: device.email.toUpperCase() }));
    expect(answer.json.data.user).toMatchObject({ email: device.email, email_verified: true, provider: null });
    expect(eventsSince(start)).toEqual(["identity.linked", "sign_in.succeeded"]);
    expect(await meStatus(api, device)).toBe(200);
    expect((await api.post("/auth/login", { body: { email: device.email, password } })).status).toBe(200);
  });

  test.each([
    ["does not prove", exchange, { email_verified: false }],
    ["proves with a word that does not count", byStranger, { email_verified: true }],
    ["proves by a number", exchange, { email_verified: 1 }],
  ])("and the provider %s: LINK_REQUIRES_PROOF, and the way to prove it", async (_what, signIn, claims) => {
    const email = await registerPerson(api);
    await verify(email);
    const answer = await signIn(newPerson({ email, ...claims }));
    expect([answer.status, answer.json.error_code]).toEqual([409, "LINK_REQUIRES_PROOF"]);
    expect(answer.json.details.link_at).toMatch(/^\/auth\/me\/identities\/(acme|stranger)$/);
    expect((await api.post("/auth/login", { body: { email, password } })).status).toBe(200);
  });

  test("of an inactive account: ACCOUNT_INACTIVE", async () => {
    const email = await registerPerson(api);
    await db.updateTable("users").set({ is_active: false }).where("email_normalised", "=", email).execute();
    const answer = await exchange(newPerson({ email }));
    expect([answer.status, answer.json.error_code]).toEqual([403, "ACCOUNT_INACTIVE"]);
  });
});

describe("an address that an account has not proven (pre-hijacking)", () => {
  test("and the provider proves: password, sessions and identities of before are gone, then it is signed in to", async () => {
    const attacker = await newDevice(api);
    const second = await signInByPassword(api, attacker.email);
    // The attacker has left an identity of their own, too.
    const planted = newPerson({ email: undefined });
    const linked = await api.post("/auth/me/identities/stranger", {
      bearer: attacker.accessToken,
      cookie: attacker.cookie,
      body: { id_token: await stranger.idToken({ nonce: "n", ...planted }), nonce: "n" },
    });
    expect(linked.status).toBe(200);
    const start = logLines.length;
    const owner = await exchange(newPerson({ email: attacker.email }));
    expect(owner.json.data.user).toMatchObject({
      email: attacker.email,
      email_verified: true,
      // What the attacker has called the account is gone, too.
      username: `Name ${count}`,
      name: `Name ${count}`,
    });
    expect(eventsSince(start)).toEqual([
      "account.address_proven",
      "session.ended",
      "session.ended",
      "identity.unlinked",
      "identity.linked",
      "sign_in.succeeded",
    ]);
    expect([await meStatus(api, attacker), await meStatus(api, second)]).toEqual([401, 401]);
    expect((await refresh(api, attacker.cookie)).status).toBe(401);
    expect((await api.post("/auth/login", { body: { email: attacker.email, password } })).status).toBe(401);
    expect((await byStranger(planted)).json.data.user.id).not.toBe(owner.json.data.user.id);
    expect((await api.get("/auth/me", { bearer: owner.json.data.access_token })).status).toBe(200);
  });

  test("and the provider does not prove either: LINK_REQUIRES_PROOF", async () => {
    const email = await registerPerson(api);
    expect((await byStranger(newPerson({ email }))).json.error_code).toBe("LINK_REQUIRES_PROOF");
    expect((await api.post("/auth/login", { body: { email, password } })).status).toBe(200);
  });

  test("in a race with the attacker's sign-ins and links, nothing of theirs survives", async () => {
    const attacker = await newDevice(api);
    const planted = newPerson({ email: undefined });
    const idToken = await stranger.idToken({ nonce: "n", ...planted });
    const body = { email: attacker.email, password };
    const [owner, ...theirs] = await Promise.all([
      exchange(newPerson({ email: attacker.email })),
      ...Array.from({ length: 5 }, () => api.post("/auth/login", { body })),
      ...Array.from({ length: 5 }, () =>
        api.post("/auth/me/identities/stranger", {
          bearer: attacker.accessToken,
          cookie: attacker.cookie,
          body: { id_token: idToken, nonce: "n" },
        }),
      ),
    ]);
    expect(owner.status).toBe(200);
    for (const { json } of theirs) {
      const bearer: string | undefined = json.data?.access_token;
      if (bearer !== undefined) expect((await api.get("/auth/me", { bearer })).status).toBe(401);
    }
    expect((await byStranger(planted)).json.data.user.id).not.toBe(owner.json.data.user.id);
    const mine = await api.get("/auth/me/identities", { bearer: owner.json.data.access_token });
    expect(mine.json.data.identities.map(({ provider }: { provider: string }) => provider)).toEqual(["acme"]);
  });
});

async function byStranger(person: object) {
  const idToken = await stranger.idToken({ nonce: "n", ...person });
  return api.post("/auth/oauth/stranger", { body: { id_token: idToken, nonce: "n", transport: "body" } });
}

/** Marks a registered address as proven, which mail will do once there is mail. */
async function verify(email: string): Promise<void> {
  await db.updateTable("users").set({ email_verified_at: clock.now() }).where("email_normalised", "=", email).execute();
}
