// Changes of the address and deletion on SQL Server: alike for every address, and once whatever answer is lost.
import { DatabaseSync } from "node:sqlite";
import { beforeEach, describe, expect, test } from "vitest";
import { eraseDueAccounts } from "../../shared/flows/maintenance/erase-accounts.ts";
import { newAddress, visible } from "../support/accounts.ts";
import type { ApiAnswer } from "../support/api.ts";
import { contextOf } from "../support/context.ts";
import { latestMail, postedMails } from "../support/mails.ts";
import { newDevice, password, registerPerson, signIn, type Device } from "../support/people.ts";
import { startService } from "../support/service.ts";
import { tracesOf } from "../support/traces.ts";
import { lostAnswers, once, requestsOf, settingsFor, startServerWithData, stepsOf } from "./sql-server.ts";

const server = await startServerWithData();
const { api, clock, services, logLines } = await startService(settingsFor(server.port));

const change = ({ accessToken: bearer, cookie }: Device, email: string) =>
  api.post("/auth/email/change", { bearer, cookie, body: { email } });
const remove = ({ accessToken: bearer, cookie }: Device) => api.send("DELETE", "/auth/me", { bearer, cookie });
const confirm = (token: string) => api.post("/auth/email/confirm", { body: { token } });
const undo = (token: string) => api.post("/auth/email/undo", { body: { token } });
const cancel = (email: string, typed = password) =>
  api.post("/auth/me/deletion/cancel", { body: { email, password: typed } });

describe("ASVS 6.3.8: the same statements and the same answer for every address,", () => {
  test("when a person wants it for their account", async () => {
    const device = await newDevice(api);
    const people = {
      known: await registerPerson(api),
      proven: alter(await registerPerson(api), "email_verified_at = created_at"),
      inactive: alter(await registerPerson(api), "is_active = 0"),
      deleted: alter(await registerPerson(api), "is_active = 0, erase_at = created_at"),
    };
    await change(device, newAddress());
    const first = await traceOf(() => change(device, newAddress()));
    // Two to authenticate and to prove the session, one to see that it has not ended since, one for the row, one for all
    // that travels with the commit.
    expect(first.requests).toBe(5);
    for (const [who, email] of Object.entries(people))
      expect(await traceOf(() => change(device, email)), who).toEqual(first);
  });

  test("when someone wants to keep a deleted account with another password", async () => {
    const deleted = await newDevice(api);
    await remove(deleted);
    await cancel(newAddress());
    const first = await traceOf(() => cancel(newAddress()));
    const inUse = await registerPerson(api);
    for (const email of [deleted.email, await registerPerson(api), alter(await registerPerson(api), "is_active = 0")])
      expect(await traceOf(() => cancel(email, "another pass phrase"))).toEqual(first);
    expect(await traceOf(() => cancel(inUse)), "the right password, but in use").toEqual(first);
  });
});

beforeEach(() => {
  server.script = {};
});

describe.each(lostAnswers)("an answer to a commit that is lost %s:", (_when, reply) => {
  let lost = 0;
  const loseCommit = () =>
    once(
      server,
      ({ kind }) => kind === "commit",
      (run) => {
        lost += 1;
        return reply(run);
      },
    );
  const mailsOf = async (template: string, to: string) =>
    (await postedMails(services)).filter((mail) => mail.template === template && mail.to === to).length;
  const lines = (type: string) => logLines.filter((line) => line.includes(`"${type}"`)).length;

  test("the address is changed once, and once restored", async () => {
    const device = await newDevice(api);
    const email = newAddress();
    await change(device, email);
    const { token } = (await latestMail(services, "confirm_email", email)).data;
    logLines.length = 0;
    loseCommit();
    expect((await confirm(token)).status).toBe(200);
    expect([await mailsOf("email_changed", device.email), lines("account.email_changed")]).toEqual([1, 1]);
    const { token: back } = (await latestMail(services, "email_changed", device.email)).data;
    loseCommit();
    const restored = await undo(back);
    expect([restored.status, lines("account.email_change_undone")]).toEqual([200, 1]);
    const body = { token: restored.json.data.reset_token, password };
    expect((await api.post("/auth/password/reset", { body })).status).toBe(200);
    await signIn(api, device.email);
    expect(lost).toBe(2);
  });

  test("an account is deleted once, kept once, and erased once", async () => {
    const device = await newDevice(api);
    logLines.length = 0;
    loseCommit();
    expect((await remove(device)).status).toBe(200);
    expect([await mailsOf("deletion_requested", device.email), lines("account.deletion_requested")]).toEqual([1, 1]);
    loseCommit();
    expect((await cancel(device.email)).status).toBe(200);
    expect([await mailsOf("deletion_cancelled", device.email), lines("account.deletion_cancelled")]).toEqual([1, 1]);
    await remove(await signIn(api, device.email));
    const rest = contextOf(services, new Date(clock.now().getTime() + 31 * 86_400_000));
    loseCommit();
    expect(await eraseDueAccounts(rest)).toMatchObject({ failed: 0, isComplete: true });
    expect(await tracesOf(services, [device.email])).toEqual([]);
    expect(lost).toBe(2 + 3);
  });
});

/** Changes an account by hand. */
function alter(email: string, columns: string): string {
  const database = new DatabaseSync(server.file);
  database.exec(`update users set ${columns} where email = '${email}'`);
  database.close();
  return email;
}

async function traceOf(call: () => Promise<ApiAnswer>): Promise<{ steps: string[]; answer: object; requests: number }> {
  let answer = {};
  const requests = await requestsOf(server, async () => (answer = visible(await call())));
  return { steps: stepsOf({ ...server, requests }), answer, requests: requests.length };
}
