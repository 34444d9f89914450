import { describe, expect, test } from "vitest";
import { createRemembering, type Remembering } from "../../support/remembering.ts";
import { createFactorCalls } from "../../support/second-factors.ts";
import { startService } from "../../support/service.ts";
import { tracesOf } from "../../support/traces.ts";

const service = await startService();
const { send, recoveryCodes, addApp, challenge } = createFactorCalls(service);
const { remembered } = createRemembering(service);
const ofTheFactor = ["mfa_challenges", "recovery_codes", "remembered_devices", "totp_factors"];

/** Somebody with all that belongs to a second factor, also an app that waits for its first code and a sign-in that waits. */
async function withEverything(): Promise<Remembering> {
  const first = await remembered();
  await recoveryCodes({ ...first, device: first.session });
  // New codes have ended the remembered devices.
  const person = await remembered({ of: first });
  expect((await addApp(person.session)).status).toBe(200);
  await challenge(person.email);
  return person;
}

/** The tables that name an account in any column. */
async function tablesOf({ accountId }: Remembering): Promise<string[]> {
  const traces = await tracesOf(service.services, [accountId]);
  return [...new Set(traces.map((trace) => trace.split(".")[0] ?? ""))].toSorted();
}

describe("20.9 the removal of the last authenticator app", () => {
  test("leaves no row of the second factor in any table, and all else", async () => {
    const [person, bystander] = [await withEverything(), await withEverything()];
    const before = await tablesOf(person);
    expect(before, "this test can fail").toEqual(expect.arrayContaining(ofTheFactor));
    const removed = await send("DELETE", `/auth/mfa/totp/${person.factorId}`, person.session);
    expect(removed.status).toBe(200);
    expect(await tablesOf(person)).toEqual(before.filter((table) => !ofTheFactor.includes(table)));
    expect(await tablesOf(bystander)).toEqual(before);
  });
});

describe("20.9 the deletion of an account", () => {
  test("ends at once what waits for a second factor or does without; the factors stay until it is erased", async () => {
    const [person, bystander] = [await withEverything(), await withEverything()];
    const before = await tablesOf(bystander);
    expect((await send("DELETE", "/auth/me", person.session)).status).toBe(200);
    const kept = (await tablesOf(person)).filter((table) => ofTheFactor.includes(table));
    expect(kept).toEqual(["recovery_codes", "totp_factors"]);
    expect(await tablesOf(bystander)).toEqual(before);
  });
});
