import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { password, registerPerson } from "../support/people.ts";
import { createBrowser, home, startSocialService, whoIs } from "../support/social.ts";
import { lostAnswers, once, settingsFor, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
const service = await startSocialService(settingsFor(server.port));
const { api, exchange, logLines } = service;
let sub = 0;

const isCommit = ({ kind }: { kind: string }) => kind === "commit";

function newPerson() {
  sub += 1;
  return { sub: `wire${sub}`, email: `wire${sub}@example.com`, email_verified: true };
}

function count(sql: string): number {
  const database = new DatabaseSync(server.file);
  const [row] = database.prepare(`select count(*) as n from ${sql}`).all();
  database.close();
  return Number(row?.["n"]);
}

function events(): string[] {
  const lines = logLines.map((line) => JSON.parse(line) as { event: string; type: string });
  return lines.filter(({ event }) => event === "audit").map(({ type }) => type);
}

beforeEach(() => {
  server.script = {};
  logLines.length = 0;
});

test("the browser flow runs on SQL Server", async () => {
  const browser = createBrowser();
  expect((await service.signIn(browser, newPerson())).href).toBe(`${home}#`);
  expect((await whoIs(service, browser))?.user).toMatchObject({
    email: `wire${sub}@example.com`,
    email_verified: true,
  });
});

describe.each(lostAnswers)("an answer lost %s,", (_when, reply) => {
  test("to the commit of somebody's first sign-in, leaves one account, one identity, one session, and is told once", async () => {
    const [users, sessions] = [count("users"), count("sessions")];
    once(server, isCommit, reply);
    const answer = await exchange(newPerson());
    expect(answer.status).toBe(200);
    expect([count("users") - users, count("sessions") - sessions]).toEqual([1, 1]);
    expect(count(`identities where subject = 'wire${sub}'`)).toBe(1);
    expect((await api.get("/auth/me", { bearer: answer.json.data.access_token })).status).toBe(200);
    expect(events()).toEqual(["account.registered", "identity.linked", "sign_in.succeeded"]);
  });

  test("to the commit that proves an address, tells of it once", async () => {
    const person = { ...newPerson(), email: await registerPerson(api) };
    logLines.length = 0;
    once(server, isCommit, reply);
    expect((await exchange(person)).json.data.user.email_verified).toBe(true);
    expect(events()).toEqual(["account.address_proven", "identity.linked", "sign_in.succeeded"]);
  });

  test("to the commit of a link, leaves one identity, and tells of it once", async () => {
    const { access_token: bearer, refresh_token } = (await exchange(newPerson())).json.data;
    logLines.length = 0;
    once(server, isCommit, reply);
    const idToken = await service.issuer.idToken({ nonce: "n", ...newPerson() });
    const answer = await api.post("/auth/me/identities/acme", {
      bearer,
      body: { id_token: idToken, nonce: "n", refresh_token },
    });
    expect([answer.status, answer.json.data.identities.length]).toEqual([200, 2]);
    expect(events()).toEqual(["identity.linked"]);
  });

  test("to the commit of a link that proves the account's address, tells of it once", async () => {
    const email = await registerPerson(api);
    const { access_token: bearer, refresh_token } = (
      await api.post("/auth/login", { body: { email, password, transport: "body" } })
    ).json.data;
    logLines.length = 0;
    once(server, isCommit, reply);
    const idToken = await service.issuer.idToken({ nonce: "n", ...newPerson(), email });
    const body = { id_token: idToken, nonce: "n", refresh_token };
    expect((await api.post("/auth/me/identities/acme", { bearer, body })).status).toBe(200);
    expect(events()).toEqual(["identity.linked", "account.address_proven"]);
  });

  test("to the use of a state, signs nobody in: the state may be used, and the sign-in is begun again", async () => {
    const browser = createBrowser();
    service.issuer.person = newPerson();
    const back = await service.authorize(browser);
    once(server, ({ sql }) => sql.startsWith('insert into "used_states"'), reply);
    const answer = await browser.visit(back);
    expect(answer.headers.get("location")).toBe(`${home}?error=DATABASE_UNAVAILABLE#`);
    expect(count(`users where email = 'wire${sub}@example.com'`)).toBe(0);
    expect((await service.signIn(browser, newPerson())).href).toBe(`${home}#`);
  });
});

test("a database that is away: the browser is told so where it was to go", async () => {
  const browser = createBrowser();
  const back = await service.authorize(browser, `${home}welcome`);
  server.script.request = () => "drop";
  const answer = await browser.visit(back);
  expect(answer.headers.get("location")).toBe(`${home}welcome?error=DATABASE_UNAVAILABLE#`);
});
