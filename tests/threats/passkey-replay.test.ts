// 20: an assertion signs in once: on one instance, on another, and of fifty callers at once for one.
import { describe, expect, test } from "vitest";
import { provideServices } from "../../shared/services.ts";
import { createPasskeyCalls } from "../support/passkeys.ts";
import { createFactorCalls } from "../support/second-factors.ts";
import { createTestServices, startService } from "../support/service.ts";

const service = await startService();
const { services, database, clock } = service;
const other = (await createTestServices({}, database)).services;
const { passkeyOwner, shown, signInBy, withPasskey, second } = createPasskeyCalls(service);
const { protectedPerson, challenge, verify } = createFactorCalls(service);

/** From here on this instance answers, at the time of the first. */
const answerWith = (instance: typeof services) => provideServices({ ...instance, clock });

describe.each([
  ["an authenticator that counts", true],
  ["one that does not", false],
])("an assertion of %s", (_what, doesCount) => {
  test("works once on the same instance", async () => {
    const body = await shown(await passkeyOwner({ doesCount }));
    const answers = [];
    for (let turn = 0; turn < 3; turn += 1) answers.push(await signInBy(body));
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 401]);
    expect(answers.at(-1)?.json.error_code).toBe("PASSKEY_INVALID");
  });

  test("works once on two instances", async () => {
    const body = await shown(await passkeyOwner({ doesCount }));
    const answers = [];
    for (let turn = 0; turn < 4; turn += 1) {
      answerWith(turn % 2 === 0 ? other : services);
      answers.push(await signInBy(body));
    }
    answerWith(services);
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 401, 401]);
  });

  test("works once for 50 at once", async () => {
    const body = await shown(await passkeyOwner({ doesCount }));
    const answers = await Promise.all(Array.from({ length: 50 }, () => signInBy(body)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const codes = new Set(answers.filter(({ status }) => status !== 200).map(({ json }) => json.error_code));
    expect([...codes]).toEqual(["PASSKEY_INVALID"]);
  });
});

test("50 assertions with the same count, each of its own challenge, sign in once", async () => {
  const owner = await passkeyOwner({ doesCount: true });
  const bodies = [];
  for (let turn = 0; turn < 50; turn += 1) bodies.push(await shown(owner, { count: 9 }));
  const answers = await Promise.all(bodies.map((body) => signInBy(body)));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

test("challenges that nobody meets take no room", async () => {
  const rows = () =>
    services.database.queries
      .withTables<{ used_webauthn_challenges: { used_by: string } }>()
      .selectFrom("used_webauthn_challenges")
      .selectAll()
      .execute();
  const before = (await rows()).length;
  for (let turn = 0; turn < 20; turn += 1)
    expect((await service.api.post("/auth/passkeys/sign-in/options")).status).toBe(200);
  expect(await rows()).toHaveLength(before);
});

test("an assertion as the second factor works once: on two instances in turn, and for 50 at once", async () => {
  const { device, email } = await protectedPerson();
  const { passkey } = await withPasskey(device);
  const [one, next] = [await challenge(email), await challenge(email)];
  const [body, racing] = [await second(one, passkey), await second(next, passkey)];
  const answers = [];
  for (let turn = 0; turn < 4; turn += 1) {
    answerWith(turn % 2 === 0 ? services : other);
    answers.push(await verify(one, body));
  }
  answerWith(services);
  expect(answers.map(({ status }) => status)).toEqual([200, 401, 401, 401]);
  const raced = await Promise.all(Array.from({ length: 50 }, () => verify(next, racing)));
  expect(raced.filter(({ status }) => status === 200)).toHaveLength(1);
});
