// ASVS 6.3.8: what an address costs at the database must not tell whether it has an account.
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { createAccountCalls, newAddress, visible } from "../support/accounts.ts";
import type { ApiAnswer } from "../support/api.ts";
import { startService, withSettings } from "../support/service.ts";
import { requestsOf, settingsFor, startServerWithData, stepsOf } from "./sql-server.ts";

const server = await startServerWithData();
/** Nothing listens there: the queue is away, as it may be for hours. */
const queueAway = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;QueueEndpoint=http://127.0.0.1:9/a;";
const settings = { ...settingsFor(server.port), EMAIL_VERIFICATION: "required" };
const service = await startService(settings);
const { register, logIn, verify, forgot, resend, mailed } = createAccountCalls(service);

describe.each([
  ["", {}],
  [", while the queue is away", { AzureWebJobsStorage: queueAway }],
])("the same statements and the same answer for every address%s:", (_when, storage) => {
  const calls: [string, (email: string) => Promise<ApiAnswer>][] = [
    ["register", (email) => register(email)],
    ["forgot", forgot],
    ["resend", resend],
    ["a login with another password", (email) => logIn(email, "another pass phrase")],
    [
      "a login with the password that the caller has just registered the address with",
      async (email) => {
        await register(email, { password: "another pass phrase" });
        return logIn(email, "another pass phrase");
      },
    ],
  ];

  test.each(calls)("%s", async (_name, call) => {
    withSettings(service, { ...settings, ...storage });
    const people = await addresses();
    await call(newAddress());
    const first = await traceOf(() => call(newAddress()));
    expect(first.steps.length).toBeGreaterThan(0);
    for (const [who, email] of Object.entries(people)) expect(await traceOf(() => call(email)), who).toEqual(first);
  });
});

/** Somebody whose address is proven. */
async function owner(): Promise<string> {
  const email = newAddress();
  await register(email);
  expect((await verify({ token: (await mailed("verify_email", email)).token })).status).toBe(200);
  return email;
}

/** Changes an account by hand. */
function change(email: string, columns: string): string {
  const database = new DatabaseSync(server.file);
  database.exec(`update users set ${columns} where email = '${email}'`);
  database.close();
  return email;
}

async function addresses(): Promise<Record<string, string>> {
  const waiting = newAddress();
  await register(waiting);
  return {
    unknown: newAddress(),
    known: await owner(),
    inactive: change(await owner(), "is_active = 0"),
    deleted: change(await owner(), "is_active = 0, erase_at = created_at"),
    "without a password": change(await owner(), "password_hash = null, password_parameters = null"),
    waiting,
  };
}

/** What a call sends to the database, and what the caller sees. */
async function traceOf(call: () => Promise<ApiAnswer>): Promise<{ steps: string[]; answer: object }> {
  let answer = {};
  const requests = await requestsOf(server, async () => (answer = visible(await call())));
  return { steps: stepsOf({ ...server, requests }), answer };
}
