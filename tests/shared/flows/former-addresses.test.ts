import { expect, test } from "vitest";
import { eraseDueAccounts } from "../../../shared/flows/maintenance/erase-accounts.ts";
import type { Tables } from "../../../shared/mail/tables.ts";
import { createAccountCalls, newAddress } from "../../support/accounts.ts";
import { contextOf } from "../../support/context.ts";
import { toDevice } from "../../support/people.ts";
import { startService } from "../../support/service.ts";
import { tracesOf } from "../../support/traces.ts";

// Mails are kept for longer than the account.
const settings = { EMAIL_VERIFICATION: "required", ACCOUNT_DELETION_GRACE_DAYS: "0", MAIL_KEEP_DAYS: "90" };
const service = await startService(settings);
const { api, clock, services } = service;
const { register, logIn, verify, mailed, mailsTo } = createAccountCalls(service);

const erase = (rowsAtOnce = 1000) => eraseDueAccounts(contextOf(services), { rowsAtOnce, milliseconds: 60_000 });
const done = { erased: 1, failed: 0, isComplete: true };

test.each([1, 1000])("an erasure in statements of %i leaves no trace of a former address", async (rowsAtOnce) => {
  const { former, present, mistyped, foreign } = await gone();
  clock.advance(8 * 86_400);
  expect(await mailsTo("verify_email", former), "this test can fail").toBe(1);
  expect(await erase(rowsAtOnce)).toEqual(done);
  expect(await tracesOf(services, [former, present, mistyped])).toEqual([]);
  // What is known of another person's address, which was only asked for, stays.
  expect(await services.suppressions.has(foreign)).toBe(true);
  expect(await mailsTo("verify_email", foreign)).toBe(1);
});

test("a former address is known by its links once the mails are gone", async () => {
  const { former, present, foreign } = await gone();
  clock.advance(8 * 86_400);
  await services.database.queries.withTables<Tables>().deleteFrom("mail_outbox").execute();
  expect(await erase()).toEqual(done);
  expect(await tracesOf(services, [former, present])).toEqual([]);
  expect(await services.suppressions.has(foreign)).toBe(true);
});

/** A person who has moved from one address to another, asked for two more, and deleted the account. */
async function gone() {
  const former = `Former.${newAddress()}`;
  const { accessToken: bearer, cookie } = await person(former);
  const [present, mistyped] = [newAddress(), newAddress()];
  const foreign = (await person(newAddress())).email;
  const change = (email: string) => api.post("/auth/email/change", { bearer, cookie, body: { email } });
  expect((await change(present)).status).toBe(202);
  const { token } = await mailed("confirm_email", present);
  expect((await api.post("/auth/email/confirm", { body: { token } })).status).toBe(200);
  await change(mistyped);
  await change(foreign);
  const now = clock.now();
  for (const address of [former.toLowerCase(), present, mistyped, foreign])
    await services.suppressions.add(address, { reason: "Bounced", now });
  expect((await api.send("DELETE", "/auth/me", { bearer, cookie })).status).toBe(200);
  return { former, present, mistyped, foreign };
}

async function person(email: string) {
  await register(email);
  expect((await verify({ token: (await mailed("verify_email", email)).token })).status).toBe(200);
  return toDevice(email, await logIn(email));
}
