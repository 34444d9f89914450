import { describe, expect, test } from "vitest";
import {
  accountOf,
  checkPassword,
  endSession,
  exportAccount,
  forgotPassword,
  resetPassword,
  verifyEmail,
  withProof,
} from "../../client/src/account.ts";
import { latestMail } from "../support/mails.ts";
import { password } from "../support/people.ts";
import { withSettings } from "../support/service.ts";
import { startSocialService } from "../support/social.ts";
import { accountHolders } from "./account-holder.ts";
import { createDevice } from "./device.ts";

const service = await startSocialService();
const { api, url, services } = service;
const { transports, signedIn, stale } = accountHolders(service);
const fresh = `${password} anew`;

describe.each(Object.keys(transports))("17.7 the account's calls, by %s", (how) => {
  const options = () => transports[how]?.();

  test("an address is proven by the mail's code or link, and the client's user says so after a refresh", async () => {
    const { client, account, email } = await signedIn(options());
    const { code, token } = (await latestMail(services, "verify_email", email)).data;
    const wrong = code === "123456" ? "654321" : "123456";
    await expect(verifyEmail(client, { email, code: wrong })).rejects.toMatchObject({
      code: "TOKEN_INVALID_OR_EXPIRED",
      status: 400,
    });
    expect(await account.verifyEmail({ email, code })).toEqual({ email_verified: true });
    expect(await verifyEmail(client, { token })).toEqual({ email_verified: true });
    expect((await client.refresh())?.email_verified).toBe(true);
  });

  test("another mail, and a forgotten password: for every address alike; the reset ends the session", async () => {
    const { device, client, account, email } = await signedIn(options());
    for (const one of [email, "nobody@example.com"]) {
      await account.resendVerification({ email: one });
      await forgotPassword(client, { email: one });
    }
    const unsigned = device.sent.filter(({ call }) => /resend|forgot/.test(call));
    expect(unsigned.map(({ status, headers }) => [status, headers.get("Authorization")])).toEqual(
      unsigned.map(() => [202, null]),
    );
    const { token } = (await latestMail(services, "reset_password", email)).data;
    await expect(resetPassword(client, { token, password: "short" })).rejects.toMatchObject({
      code: "VALIDATION_ERROR",
    });
    await resetPassword(client, { token, password: fresh });
    expect(await client.refresh()).toBeUndefined();
    expect((await client.login({ email, password: fresh })).email).toBe(email);
  });

  test("whether a password may be chosen, before anybody is signed in", async () => {
    const client = createDevice(url).open(options());
    const verdict = await checkPassword(client, { password: "correct horse battery staple" });
    expect(verdict).toMatchObject({ acceptable: false, reason: "common" });
    expect(verdict.feedback.suggestions).not.toEqual([]);
    expect((await checkPassword(client, { password: fresh, email: "ada@example.com" })).acceptable).toBe(true);
  });

  test("a changed password ends the other sessions and keeps this one; the current one is proof enough", async () => {
    const { client, account, email } = await signedIn(options());
    const other = createDevice(url).open();
    await other.login({ email, password });
    stale();
    await expect(
      account.changePassword({ current_password: "not this one, alas", password: fresh }),
    ).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });
    await account.changePassword({ current_password: password, password: fresh });
    expect((await client.refresh())?.email).toBe(email);
    expect(await other.refresh()).toBeUndefined();
  });

  test("a changed profile is the client's user from then on, and its listeners hear of it", async () => {
    const { client, account } = await signedIn(options());
    const heard: (string | undefined)[] = [];
    client.onChange((session) => heard.push(session?.user.username));
    const token = await client.getAccessToken();
    const user = await account.updateProfile({ username: "Ada Lovelace", locale: "fr-CA" });
    expect([user.username, user.locale, client.user?.username]).toEqual(["Ada Lovelace", "fr-CA", "Ada Lovelace"]);
    expect(await client.getAccessToken()).toBe(token);
    await expect.poll(() => heard).toEqual(["Ada Lovelace"]);
    expect((await account.updateProfile({ locale: null })).locale).toBeNull();
  });

  test("sessions are listed, and end one by one or all but this", async () => {
    const { device, client, account, email } = await signedIn(options());
    const others = [createDevice(url).open(), createDevice(url).open(), createDevice(url).open()];
    for (const other of others) await other.login({ email, password });
    const found = await account.sessions();
    expect(found).toHaveLength(4);
    expect(found.filter(({ current }) => current)).toHaveLength(1);
    const first = found.find(({ current }) => !current);
    await account.endSession(first?.id ?? "");
    expect(await account.sessions()).toHaveLength(3);
    await expect(account.endSession(first?.id ?? "")).rejects.toMatchObject({ code: "NOT_FOUND", status: 404 });
    const sent = device.sent.length;
    for (const id of ["", "..", "../me", "a/b", "a?b", "a#b", "%2e%2e"])
      await expect(endSession(client, id)).rejects.toMatchObject({ name: "LatchkeyError", code: "NOT_FOUND" });
    expect(device.sent).toHaveLength(sent);
    await account.endOtherSessions();
    expect((await account.sessions()).map(({ current }) => current)).toEqual([true]);
    const outcomes = await Promise.all(others.map((other) => other.refresh()));
    expect(outcomes.every((user) => user === undefined)).toBe(true);
  });

  test("activity comes a page at a time", async () => {
    const { account, email } = await signedIn(options());
    for (let round = 0; round < 3; round += 1) await api.post("/auth/login", { body: { email, password } });
    const first = await account.activity({ limit: 3 });
    expect(first.events).toHaveLength(3);
    const second = await account.activity({ after: first.next ?? "", limit: 100 });
    expect(second.next).toBeNull();
    const all = (await account.activity()).events;
    expect([...first.events, ...second.events]).toEqual(all);
  });

  test("what is held is exported after a fresh sign-in, for which the person is asked", async () => {
    const { client, account, email } = await signedIn(options());
    stale();
    await expect(account.exportAccount()).rejects.toMatchObject({ code: "REAUTHENTICATION_REQUIRED" });
    const held = await exportAccount(withProof(client, async () => ({ password })));
    expect(held.user.email).toBe(email);
  });

  test("a deleted account signs out here and everywhere, and says when it will be erased", async () => {
    const { device, client, account, email } = await signedIn(options());
    const other = createDevice(url).open();
    await other.login({ email, password });
    const heard: unknown[] = [];
    client.onChange((session) => heard.push(session));
    const { erased_at: erasedAt } = await account.deleteAccount();
    expect(new Date(erasedAt).toISOString()).toBe(erasedAt);
    expect(client.user).toBeUndefined();
    await expect.poll(() => heard).toEqual([undefined]);
    const sent = device.sent.length;
    expect(await client.getAccessToken()).toBeUndefined();
    expect(device.sent).toHaveLength(sent);
    expect(await client.refresh()).toBeUndefined();
    expect(await other.refresh()).toBeUndefined();
  });

  test("an address changes with the mail's link, and back with the other's, which ends all sessions", async () => {
    const { client, account, email } = await signedIn(options());
    const wanted = `new.${email}`;
    await account.changeEmail({ email: wanted });
    expect((await client.refresh())?.email).toBe(email);
    const { token } = (await latestMail(services, "confirm_email", wanted)).data;
    await account.confirmEmail({ token });
    expect((await client.refresh())?.email).toBe(wanted);
    await expect(account.confirmEmail({ token: `${token}x` })).rejects.toMatchObject({
      code: "TOKEN_INVALID_OR_EXPIRED",
    });
    await account.undoEmail({ token: (await latestMail(services, "email_changed", email)).data.token });
    expect(await client.refresh()).toBeUndefined();
    expect((await api.post("/auth/login", { body: { email: wanted, password } })).status).toBe(401);
  });

  test("a deleted account can be kept, which signs nobody in", async () => {
    const { client, account, email } = await signedIn(options());
    const { erased_at: erasedAt } = await account.deleteAccount();
    await expect(client.login({ email, password })).rejects.toMatchObject({
      code: "ACCOUNT_DELETION_PENDING",
      status: 403,
      details: { erased_at: erasedAt },
    });
    await expect(account.cancelDeletion({ email, password: "not this one, alas" })).rejects.toMatchObject({
      code: "INVALID_CREDENTIALS",
    });
    await account.cancelDeletion({ email, password });
    expect(client.user).toBeUndefined();
    expect((await client.login({ email, password })).email).toBe(email);
  });

  test("registering where an address must be proven: no user yet, and none who may sign in", async () => {
    withSettings(service, { EMAIL_VERIFICATION: "required" });
    const client = createDevice(url).open(options());
    const email = `must.${how.length}@example.com`;
    expect(await client.register({ email, username: "Ada", password })).toBeUndefined();
    await expect(client.login({ email, password })).rejects.toMatchObject({ code: "EMAIL_NOT_VERIFIED", status: 403 });
    const { code } = (await latestMail(services, "verify_email", email)).data;
    await verifyEmail(client, { email, code });
    expect((await client.login({ email, password })).email_verified).toBe(true);
  });

  test("a deletion whose answer is lost leaves the session to the next refresh", async () => {
    const { device, client, account } = await signedIn(options());
    device.way = (request, send) =>
      request.method === "DELETE" ? send().then(() => Promise.reject(new TypeError("connection lost"))) : undefined;
    await expect(account.deleteAccount()).rejects.toMatchObject({ code: "NETWORK_ERROR" });
    expect(await client.refresh()).toBeUndefined();
  });

  test("nobody is signed in: UNAUTHENTICATED, and nothing is sent but the question who it is", async () => {
    const device = createDevice(url);
    const account = accountOf(device.open(options()));
    for (const call of [
      () => account.changePassword({ password: fresh }),
      () => account.changeEmail({ email: "new@example.com" }),
      () => account.exportAccount(),
      () => account.deleteAccount(),
      () => account.endOtherSessions(),
    ])
      await expect(call()).rejects.toMatchObject({ name: "LatchkeyError", code: "UNAUTHENTICATED" });
    expect(device.sent.filter(({ call }) => call !== "POST /auth/refresh")).toEqual([]);
  });
});
