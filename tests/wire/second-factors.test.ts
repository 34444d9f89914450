// What a second factor asks of SQL Server: how often, and what a lost answer leaves behind.
import { beforeEach, describe, expect, test } from "vitest";
import { limit, from, newNetwork } from "../support/limits.ts";
import { newDevice, password, refresh } from "../support/people.ts";
import { createRemembering } from "../support/remembering.ts";
import type { TdsRequest } from "../support/tds/messages.ts";
import { createFactorCalls } from "../support/second-factors.ts";
import { startService } from "../support/service.ts";
import { lostAnswers, once, requestsOf, settingsFor, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
/** Nothing here waits for a limit. */
const settings = { ...settingsFor(server.port), DB_RETRY_BUDGET_SECONDS: "20", DB_CONNECT_TIMEOUT_SECONDS: "20" };
const service = await startService(settings);
const { api, clock, logLines } = service;
const {
  protectedPerson,
  recoveryCodes,
  challenge,
  verify,
  totp,
  wrongCode,
  send,
  codeOf,
  addApp,
  confirmApp,
  provenPerson,
} = createFactorCalls(service);
const { remembered, login } = createRemembering(service);
const requests = async (work: () => Promise<unknown>) => (await requestsOf(server, work)).length;

beforeEach(() => {
  server.script = {};
});

describe("requests of a call, warm:", () => {
  test("a password that leads to a second factor 5, one of them for passkeys, its code 8, a wrong code 2, a recovery code 9", async () => {
    const person = await protectedPerson();
    const codes = await recoveryCodes(person);
    const { cookie } = await challenge(person.email);
    let begun = await challenge(person.email, { cookie });
    expect(await requests(async () => (begun = await challenge(person.email, { cookie })))).toBe(5);
    expect(await requests(() => verify({ ...begun, cookie }, { method: "totp", code: wrongCode(person) }))).toBe(2);
    expect((await verify({ ...begun, cookie }, totp(person))).status).toBe(200);
    clock.advance(30);
    begun = await challenge(person.email, { cookie });
    expect(await requests(() => verify({ ...begun, cookie }, totp(person)))).toBe(8);
    begun = await challenge(person.email, { cookie });
    expect(await requests(() => verify({ ...begun, cookie }, { method: "recovery", code: codes[0] }))).toBe(9);
  });

  test("a password on a remembered device 6, one more than without a second factor; one whose cookie is not ours 5", async () => {
    const person = await remembered();
    await login(person);
    expect(await requests(() => login(person))).toBe(6);
    expect(await requests(() => login({ ...person, cookies: person.device }))).toBe(5);
    const forged = `${person.device}; mfa_remembered=${"A".repeat(43)}.${"A".repeat(43)}`;
    expect(await requests(() => login({ ...person, cookies: forged }))).toBe(5);
    const { email, cookie } = await newDevice(api);
    const device = (await api.post("/auth/login", { cookie, body: { email, password } })).setCookies[1]?.split(";")[0];
    expect(await requests(() => login({ email, cookies: device ?? "" }))).toBe(5);
  });

  test("with limits, two more: for the caller and for the account's wrong codes", async () => {
    const person = await protectedPerson();
    limit(service, settings);
    const network = from(newNetwork());
    const begun = await challenge(person.email, network);
    const wrong = { method: "totp", code: wrongCode(person) };
    const guess = () =>
      api.post("/auth/mfa/verify", { ...network, cookie: begun.cookie, body: { mfa_token: begun.mfaToken, ...wrong } });
    expect((await guess()).status).toBe(401);
    expect(await requests(guess)).toBe(4);
  });
});

/** A request that commits: alone, or together with the last statements. */
const isCommit = ({ kind, sql }: TdsRequest) => kind === "commit" || sql.includes("commit");
const isCommitOf = (text: string) => {
  let isThere = false;
  return (request: TdsRequest) => {
    isThere ||= request.statements.some((statement) => statement.includes(text));
    return isThere && isCommit(request);
  };
};

describe.each(lostAnswers)("a commit's answer lost %s,", (_when, reply) => {
  test("to the try: it is counted once", async () => {
    const person = await protectedPerson();
    const begun = await challenge(person.email);
    once(server, isCommitOf('update "mfa_challenges" set "tries"'), reply);
    const wrong = { method: "totp", code: wrongCode(person) };
    for (let count = 0; count < 4; count += 1) expect((await verify(begun, wrong)).status).toBe(401);
    expect((await verify(begun, totp(person))).status).toBe(200);
  });

  test("to the sign-in: one session, and the code and the token are used up", async () => {
    const person = await protectedPerson();
    const [begun, next] = [await challenge(person.email), await challenge(person.email)];
    once(server, isCommitOf('update "totp_factors" set "last_step"'), reply);
    const answer = await verify(begun, totp(person));
    expect(answer.status).toBe(200);
    expect((await refresh(api, answer.cookie ?? "")).status).toBe(200);
    expect((await verify(begun, totp(person))).json.error_code).toBe("MFA_TOKEN_INVALID");
    expect((await verify(next, totp(person))).json.error_code).toBe("MFA_CODE_INVALID");
    const { sessions } = (await api.get("/auth/sessions", { bearer: answer.json.data.access_token })).json.data;
    expect(sessions).toHaveLength(2);
  });

  test("to a sign-in by a recovery code: one code is used", async () => {
    const person = await protectedPerson();
    const [code] = await recoveryCodes(person);
    once(server, isCommitOf('update "recovery_codes" set "used_at"'), reply);
    expect((await verify(await challenge(person.email), { method: "recovery", code })).status).toBe(200);
    const left = await api.get("/auth/mfa", { bearer: person.device.accessToken });
    expect(left.json.data.recovery_codes_left).toBe(9);
  });

  test("to new recovery codes: those that were shown work", async () => {
    const person = await protectedPerson();
    once(server, isCommitOf('insert into "recovery_codes"'), reply);
    const [code] = await recoveryCodes(person);
    expect((await verify(await challenge(person.email), { method: "recovery", code })).status).toBe(200);
  });

  test("to an app's secret: it is there once", async () => {
    const device = await provenPerson();
    once(server, isCommitOf('insert into "totp_factors"'), reply);
    const { id, secret } = (await addApp(device)).json.data;
    expect((await confirmApp(device, id, codeOf({ secret }))).status).toBe(200);
  });

  test("to a sign-in with `remember`: the device that the answer tells of is remembered, once", async () => {
    once(server, isCommitOf('insert into "remembered_devices"'), reply);
    const person = await remembered();
    expect((await login(person)).json.data.access_token).toBeDefined();
    const listed = await api.get("/auth/mfa", { bearer: person.session.accessToken });
    expect(listed.json.data.remembered_devices).toHaveLength(1);
  });

  test("to a sign-in on a remembered device: one session, and one event of it", async () => {
    const person = await remembered();
    const before = logLines.length;
    once(server, isCommitOf('update "remembered_devices" set "last_used_at"'), reply);
    const answer = await login(person);
    expect((await refresh(api, answer.cookie ?? "")).status).toBe(200);
    const bearer = answer.json.data.access_token;
    expect((await api.get("/auth/sessions", { bearer })).json.data.sessions).toHaveLength(3);
    const { events } = (await api.get("/auth/me/activity", { bearer })).json.data;
    const own = events.filter(({ type }: { type: string }) => type === "sign_in.succeeded");
    expect(own).toHaveLength(3);
    const lines = logLines.slice(before).filter((line) => line.includes('"sign_in.succeeded"'));
    expect(lines.map((line) => (JSON.parse(line) as { reason?: string }).reason)).toEqual(["remembered device"]);
  });

  test("to a removal: it is done, or not, and can be repeated", async () => {
    const person = await protectedPerson();
    once(server, isCommitOf('delete from "totp_factors"'), reply);
    const remove = () => send("DELETE", `/auth/mfa/totp/${person.factorId}`, person.device);
    expect((await remove()).status).toBe(503);
    expect([200, 404]).toContain((await remove()).status);
    const left = await api.get("/auth/mfa", { bearer: person.device.accessToken });
    expect(left.json.data.factors).toEqual([]);
  });
});
