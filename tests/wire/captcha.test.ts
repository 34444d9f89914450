// What a captcha costs a sign-in, in requests to the database.
import { expect, test } from "vitest";
import { newAddress } from "../support/accounts.ts";
import { counting, createAttempts } from "../support/attempts.ts";
import { startCaptchaProvider } from "../support/captcha-provider.ts";
import { password, registerPerson } from "../support/people.ts";
import { startService } from "../support/service.ts";
import { lostAnswers, once, requestsOf, settingsFor, starts, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
const provider = await startCaptchaProvider("turnstile");
const service = await startService({ ...settingsFor(server.port), ...counting, ...provider.settings });
const { api, clock } = service;
const { fail } = createAttempts(service);

async function statements(call: () => Promise<unknown>): Promise<string[]> {
  return (await requestsOf(server, call)).map(({ sql }) => sql);
}

async function suspected(email: string): Promise<string> {
  for (let count = 0; count < 3; count += 1) await fail(email);
  return email;
}

test("a sign-in that is refused for its captcha: three, with the same statements for an address that nobody has", async () => {
  const [known, unknown] = [await suspected(await registerPerson(api)), await suspected(newAddress())];
  const asked = await statements(async () => expect(await fail(known)).toEqual([403, null]));
  expect(asked).toHaveLength(3);
  expect(await statements(() => fail(unknown))).toEqual(asked);
});

test("a solved captcha costs nothing: a sign-in sends what one without suspicion sends", async () => {
  const enter = async (email: string, captcha_token?: string) =>
    expect(
      (
        await api.post("/auth/login", {
          body: { email, password, captcha_token },
          headers: { "X-Forwarded-For": "203.0.113.7" },
        })
      ).status,
    ).toBe(200);
  const [one, other] = [await registerPerson(api), await suspected(await registerPerson(api))];
  const usual = await statements(() => enter(one));
  const token = provider.solve({ at: clock.now(), action: "login" });
  expect(await statements(() => enter(other, token))).toEqual(usual);
});

test.each(lostAnswers)("one whose answer is lost %s when it is taken back is so once at most", async (_when, reply) => {
  const email = await suspected(await registerPerson(api));
  const isCount = starts('insert into "sign_in_failures"');
  once(server, (request) => starts('update "sign_in_failures"')(request) && !isCount(request), reply);
  expect((await fail(email))[0]).toBe(503);
  server.script = {};
  clock.advance(1);
  const token = () => provider.solve({ at: clock.now(), action: "login" });
  const answers = [];
  for (let count = 0; count < 3; count += 1) {
    const body = { email, password: `wrong ${count}`, captcha_token: token() };
    answers.push((await api.post("/auth/login", { body, headers: { "X-Forwarded-For": "203.0.113.7" } })).status);
  }
  expect(answers.filter((status) => status === 401).length, "of two that are left").toBeLessThanOrEqual(2);
});
