// A commit whose answer is lost may have gone through: what is done with mailed links is then done once, and told so.
import { describe, expect, test } from "vitest";
import { createAccountCalls, expectDead, newAddress } from "../support/accounts.ts";
import { password, signIn } from "../support/people.ts";
import type { TdsRequest } from "../support/tds/messages.ts";
import { startService, withSettings } from "../support/service.ts";
import { lostAnswers, once, settingsFor, startServerWithData } from "./sql-server.ts";

const server = await startServerWithData();
/** Nothing here waits for a limit. */
const settings = { ...settingsFor(server.port), DB_RETRY_BUDGET_SECONDS: "20", DB_CONNECT_TIMEOUT_SECONDS: "20" };
const service = await startService(settings);
const { register, logIn, verify, forgot, reset, mailed, mailsTo } = createAccountCalls(service);
/** A request that commits: alone, or together with the last statements. */
const isCommit = ({ kind, sql }: TdsRequest) => kind === "commit" || sql.includes("commit");
const another = "another pass phrase";

async function registered(): Promise<string> {
  const email = newAddress();
  expect((await register(email)).status).toBe(201);
  return email;
}

describe.each(lostAnswers)("a commit's answer lost %s,", (_when, reply) => {
  test("to a registration: one account, one mail, whose link works", async () => {
    const email = newAddress();
    once(server, isCommit, reply);
    expect((await register(email)).status).toBe(201);
    expect(await mailsTo("verify_email", email)).toBe(1);
    expect((await verify({ token: (await mailed("verify_email", email)).token })).status).toBe(200);
  });

  test("to a registration that waits, and to its verification: one account", async () => {
    withSettings(service, { ...settings, EMAIL_VERIFICATION: "required" });
    const email = newAddress();
    once(server, isCommit, reply);
    expect((await register(email)).status).toBe(202);
    expect(await mailsTo("verify_email", email)).toBe(1);
    once(server, isCommit, reply);
    expect((await verify({ token: (await mailed("verify_email", email)).token })).status).toBe(200);
    expect((await logIn(email)).json.data.user.email_verified).toBe(true);
    once(server, isCommit, reply);
    await register(email);
    expect(await mailsTo("already_registered", email)).toBe(1);
  });

  test("to a verification: the address is verified", async () => {
    const email = await registered();
    once(server, isCommit, reply);
    expect((await verify({ token: (await mailed("verify_email", email)).token })).status).toBe(200);
    expect((await logIn(email)).json.data.user.email_verified).toBe(true);
  });

  test("to a forgotten password and its reset: one mail each, and the new password", async () => {
    const email = await registered();
    once(server, isCommit, reply);
    await forgot(email);
    expect(await mailsTo("reset_password", email)).toBe(1);
    const { token } = await mailed("reset_password", email);
    once(server, isCommit, reply);
    expect((await reset(token, another)).status).toBe(200);
    expect(await mailsTo("password_changed", email)).toBe(1);
    expect((await logIn(email, another)).status).toBe(200);
    expectDead(await reset(token, password));
  });

  test("to a change of the password: the new one, told once", async () => {
    const email = await registered();
    const { accessToken: bearer, cookie } = await signIn(service.api, email);
    once(server, isCommit, reply);
    const body = { current_password: password, password: another };
    expect((await service.api.post("/auth/password/change", { bearer, cookie, body })).status).toBe(200);
    expect(await mailsTo("password_changed", email)).toBe(1);
    expect((await logIn(email, another)).status).toBe(200);
  });
});
