import { describe, expect, test } from "vitest";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { newId } from "../../../shared/platform/crypto/random.ts";
import type { SignInFailuresTable } from "../../../shared/sign-in-failures/tables.ts";
import type { Claimant, Stranger } from "../../../shared/sign-in-failures/subjects.ts";
import { contextOf } from "../../support/context.ts";
import { createTestServices } from "../../support/service.ts";

const { services, clock } = await createTestServices({ RATE_LIMITS: "on", SIGN_IN_FAILURES_PER_ACCOUNT: "10" });
const count = (claimant: Claimant, id = newId(clock.now())) =>
  services.transaction(contextOf(services), (tx) => tx.signInFailures.count(claimant, { id, now: clock.now() }));

const accountId = "0b6f4a6e-0000-8000-8000-000000000001";
let networks = 0;
const newStranger = (): Stranger => {
  networks += 1;
  return {
    identifier: `ada${networks}@example.com`,
    network: `10.0.${networks}`,
    site: `10.0.${networks}`,
    accountId,
    password: "wrong",
  };
};

describe("an attempt", () => {
  test("that runs again with the same id is counted once", async () => {
    const [stranger, id] = [newStranger(), newId(clock.now())];
    const first = await count(stranger, id);
    expect(await count(stranger, id)).toEqual(first);
    expect((await count(stranger)).counts.inARow).toBe(2);
  });

  test("that is given back leaves the delay that was over", async () => {
    const stranger = newStranger();
    for (let times = 0; times < 5; times += 1) await count(stranger);
    expect((await count(stranger)).retryAfterSeconds).toBe(1);
    clock.advance(1);
    const attempt = await count(stranger);
    expect([attempt.retryAfterSeconds, attempt.counts.inARow]).toEqual([undefined, 6]);
    await services.signInFailures.giveBack(attempt, clock.now());
    const again = await count(stranger);
    expect([again.retryAfterSeconds, again.counts.inARow]).toEqual([undefined, 6]);
    expect((await count(stranger)).retryAfterSeconds).toBe(2);
  });

  test("that is given back leaves neither a network nor a mark where nothing has failed; of two at once both are", async () => {
    const stranger = newStranger();
    const marks = async () => {
      const db = services.database.queries.withTables<{ sign_in_failures: SignInFailuresTable }>();
      const marked = db.selectFrom("sign_in_failures").select("subject").where("password_mark", "is not", null);
      return (await marked.execute()).length;
    };
    const before = await marks();
    const attempts = [await count(stranger), await count(stranger)];
    for (const attempt of attempts) {
      expect(await marks()).toBe(before + 1);
      await services.signInFailures.giveBack(attempt, clock.now());
    }
    expect(await marks()).toBe(before);
    expect((await count(stranger)).counts.inARow).toBe(1);
  });

  test("that is given back while another waits leaves that one's delay", async () => {
    const stranger = newStranger();
    for (let times = 0; times < 5; times += 1) await count(stranger);
    clock.advance(1);
    const slow = await count(stranger);
    clock.advance(2);
    await count(stranger);
    await services.signInFailures.giveBack(slow, clock.now());
    expect((await count(stranger)).retryAfterSeconds).toBe(2);
  });

  test("of a device is not one of a stranger, at whatever place it is", async () => {
    const device = { accountId, deviceId: "one" };
    for (let times = 0; times < 5; times += 1) await count(device);
    expect((await count(device)).retryAfterSeconds).toBe(1);
    expect((await count({ accountId, deviceId: "two" })).retryAfterSeconds).toBeUndefined();
    expect((await count(newStranger())).retryAfterSeconds).toBeUndefined();
  });
});

test("of 60 strangers at once as many may succeed as the account has failures left", async () => {
  await services.signInFailures.forget(accountId);
  const attempts = await Promise.all(Array.from({ length: 60 }, () => count(newStranger())));
  expect(attempts.filter(({ isClosed }) => !isClosed)).toHaveLength(10);
});

test("strangers' rows are removed after a day, those of an account after a year, as those of an address without one", async () => {
  const rows = async () => {
    const db = services.database.queries.withTables<{ sign_in_failures: { user_id: string | null } }>();
    const all = await db.selectFrom("sign_in_failures").select("user_id").execute();
    return [all.filter(({ user_id: id }) => id === null).length, all.filter(({ user_id: id }) => id !== null).length];
  };
  const purge = () =>
    services.signInFailures.purge(1000, {
      strangers: addSeconds(clock.now(), -86_400),
      accounts: addSeconds(clock.now(), -395 * 86_400),
    });
  await count(newStranger());
  await count({ ...newStranger(), accountId: undefined });
  const [strangers, accounts] = await rows();
  expect([strangers, accounts].every((number) => (number ?? 0) > 0)).toBe(true);
  clock.advance(86_400);
  expect(await purge()).toBe(strangers);
  expect(await rows()).toEqual([0, accounts]);
  expect(accounts, "one of the account, one of the address").toBe(2);
  clock.advance(394 * 86_400);
  expect(await purge()).toBe(accounts);
});
