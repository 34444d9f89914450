// What counting wrong passwords asks of SQL Server: how often, and the same for every address (ASVS 6.3.8).
import { beforeEach, describe, expect, test } from "vitest";
import { createAccountCalls, newAddress } from "../support/accounts.ts";
import { counting, createAttempts, newNetwork } from "../support/attempts.ts";
import { password, registerPerson } from "../support/people.ts";
import { startService } from "../support/service.ts";
import { lostAnswers, once, settingsFor, starts, startServerWithData, stepsOf } from "./sql-server.ts";

const server = await startServerWithData();
const most = 21;
const settings = { ...settingsFor(server.port), ...counting, SIGN_IN_FAILURES_PER_ACCOUNT: String(most) };
const service = await startService(settings);
const { clock } = service;
const { forgot, mailed, reset } = createAccountCalls(service);
const { attempt, enter, fail, owner } = createAttempts(service);

beforeEach(() => {
  server.script = {};
});

async function traceOf(work: () => Promise<unknown>): Promise<{ requests: number; steps: string[] }> {
  const before = server.requests.length;
  await work();
  const requests = server.requests.slice(before);
  return { requests: requests.length, steps: stepsOf({ ...server, requests }) };
}

describe("requests of a login, with wrong passwords counted:", () => {
  test("refused 3, during a delay 2, successful 6, from a known device 6", async () => {
    const { email, cookie } = await owner();
    const requests = async (work: () => Promise<unknown>) => (await traceOf(work)).requests;
    for (let count = 0; count < 5; count += 1) expect(await requests(() => fail(email))).toBe(3);
    expect(await requests(() => fail(email))).toBe(2);
    clock.advance(1);
    expect(await requests(() => enter(email))).toBe(6);
    expect(await requests(() => enter(email, { cookie }))).toBe(6);
  });

  test("one more for the failure that is told to the owner, and for the one that closes the account", async () => {
    const email = await registerPerson(service.api);
    const requests = [];
    for (let count = 0; count < most + 1; count += 1)
      requests.push((await traceOf(() => fail(email, { from: newNetwork() }))).requests);
    // The audit log keeps ten of an hour.
    expect(requests).toEqual([...Array<number>(10).fill(3), ...Array<number>(9).fill(2), 3, 3, 2]);
  });
});

describe("the same statements for a known and an unknown address", () => {
  test("at each failure, until long after the account is closed", async () => {
    const [known, unknown] = [await registerPerson(service.api), newAddress()];
    for (let count = 0; count < most + 2; count += 1) {
      const from = newNetwork();
      expect(await traceOf(() => fail(known, { from }))).toEqual(await traceOf(() => fail(unknown, { from })));
    }
    const from = newNetwork();
    const right = await traceOf(() => enter(known, { from }));
    expect(right).toEqual(await traceOf(() => fail(unknown, { from })));
  });

  test("before and during a delay", async () => {
    const [known, unknown] = [await registerPerson(service.api), newAddress()];
    for (const seconds of [0, 0, 0, 0, 0, 0, 1, 0]) {
      clock.advance(seconds);
      expect(await traceOf(() => fail(known))).toEqual(await traceOf(() => fail(unknown)));
    }
  });
});

test.each(lostAnswers)("an attempt whose answer is lost %s is counted once", async (_when, reply) => {
  const email = await registerPerson(service.api);
  once(server, starts('insert into "sign_in_failures"'), reply);
  for (let count = 0; count < 5; count += 1) expect(await fail(email)).toEqual([401, null]);
  expect(await fail(email)).toEqual([429, "1"]);
});

test("of attempts at once that begin both rows, the one that comes second each time runs again", async () => {
  const email = await registerPerson(service.api);
  let left = 2;
  server.script.request = (request, run) =>
    starts('insert into "sign_in_failures"')(request) && left-- > 0
      ? { error: { number: 2627, message: "duplicate" } }
      : run();
  const [status] = await enter(email);
  expect(status).toBe(200);
});

test("a reset forgets failures in the order in which attempts are counted, so that neither waits for the other", async () => {
  const email = await registerPerson(service.api);
  await fail(email);
  await forgot(email);
  const { token } = await mailed("reset_password", email);
  const { steps } = await traceOf(() => reset(token, "another pass phrase"));
  const text = steps.join("; ");
  // Those of second factors, which go as well because the address was not proven, are counted by themselves.
  const places = [/where "subject" = /, /where "user_id" = @\d+ and \(/].map((where) =>
    text.search(new RegExp(`delete from "sign_in_failures" ${where.source}`)),
  );
  expect(Math.min(...places)).toBeGreaterThan(-1);
  expect(places).toEqual(places.toSorted((one, other) => one - other));
});

test("without a database nobody is admitted", async () => {
  const email = await registerPerson(service.api);
  server.script.request = ({ statements }, run) =>
    statements.some((statement) => statement.includes("sign_in_failures"))
      ? { error: { number: 40613, message: "away" } }
      : run();
  expect((await attempt(email, { password })).status).toBe(503);
});
