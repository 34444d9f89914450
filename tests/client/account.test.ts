import { describe, expect, test, vi } from "vitest";
import { accountOf, type AskForProof, type Proof } from "../../client/src/account.ts";
import { password, registerPerson } from "../support/people.ts";
import { startSocialService } from "../support/social.ts";
import { accountHolders } from "./account-holder.ts";
import { createDevice } from "./device.ts";

const service = await startSocialService();
const { api, url, clock } = service;
const { transports, signedIn, linkBefore, stale } = accountHolders(service);

describe.each(Object.keys(transports))("15.2 the account, by %s", (how) => {
  const options = () => transports[how]?.();

  test("lists its identities, and removes one with the session's proof", async () => {
    const { account, email } = await signedIn(options());
    expect(await account.identities()).toEqual({ identities: [], has_password: true });
    await linkBefore(email, `listed by ${how}`);
    expect((await account.identities()).identities.map(({ provider }) => provider)).toEqual(["acme"]);
    expect(await account.unlinkIdentity("acme")).toEqual({ identities: [], has_password: true });
  });

  test("a sign-in that is too old: without an option the caller is told, and may reauthenticate", async () => {
    const { device, client, account, email } = await signedIn(options());
    await linkBefore(email, `old by ${how}`);
    stale();
    await expect(account.unlinkIdentity("acme")).rejects.toMatchObject({
      code: "REAUTHENTICATION_REQUIRED",
      status: 403,
      details: { max_age_seconds: 300 },
    });
    const before = await client.getAccessToken();
    expect((await account.reauthenticate({ password }))?.email).toBe(email);
    expect(await client.getAccessToken()).not.toBe(before);
    expect((await account.unlinkIdentity("acme")).identities).toEqual([]);
    stale();
    expect((await client.refresh())?.email).toBe(email);
    expect(device.count("/auth/reauthenticate")).toBe(1);
  });

  test("with the option the person is asked, and the call goes on", async () => {
    const asked: [string | null, string | undefined][] = [];
    const answers: (Proof | undefined)[] = [{ password: "not this one, alas" }, { password }];
    const ask: AskForProof = async ({ email: whose }, fault) => {
      asked.push([whose, fault?.code]);
      return answers.shift();
    };
    const { device, account, email } = await signedIn(options(), ask);
    await linkBefore(email, `asked by ${how}`);
    stale();
    expect((await account.unlinkIdentity("acme")).identities).toEqual([]);
    expect(asked).toEqual([
      [email, undefined],
      [email, "INVALID_CREDENTIALS"],
    ]);
    expect(device.count("/auth/me/identities/acme")).toBe(2);
  });

  test("a person who gives up leaves all as it is", async () => {
    const { client, account, email } = await signedIn(options(), async () => undefined);
    await linkBefore(email, `given up by ${how}`);
    stale();
    await expect(account.unlinkIdentity("acme")).rejects.toMatchObject({ code: "REAUTHENTICATION_REQUIRED" });
    expect((await account.identities()).identities).toHaveLength(1);
    expect(client.user?.email).toBe(email);
  });

  test("nobody is asked for ever", async () => {
    const ask = vi.fn<AskForProof>(async () => ({ password: "not this one, alas" }));
    const { account, email } = await signedIn(options(), ask);
    await linkBefore(email, `for ever by ${how}`);
    stale();
    await expect(account.unlinkIdentity("acme")).rejects.toMatchObject({ code: "INVALID_CREDENTIALS" });
    expect(ask).toHaveBeenCalledTimes(3);
  });

  test("a reauthentication whose answer is lost is repeated, and no token is taken for stolen", async () => {
    const { device, client, account, email } = await signedIn(options());
    stale();
    let losses = 0;
    device.way = (_request, send) => {
      losses += 1;
      if (losses > 1) return undefined;
      const kept = new Map(device.cookies);
      return send().then(() => {
        for (const [name, value] of kept) device.cookies.set(name, value);
        throw new TypeError("connection lost");
      });
    };
    expect((await account.reauthenticate({ password }))?.email).toBe(email);
    expect(device.count("/auth/reauthenticate")).toBe(2);
    clock.advance(60);
    expect((await client.refresh())?.email).toBe(email);
  });

  test("calls of other tabs at the same time, refreshes and reauthentications among them, all succeed", async () => {
    const { device, client, account, email } = await signedIn(options());
    const other = how === "cookie" ? device.open() : client;
    stale();
    await account.reauthenticate({ password });
    const outcomes = await Promise.allSettled([
      other.refresh(),
      accountOf(other).unlinkIdentity("acme"),
      account.reauthenticate({ password }),
      client.refresh(),
      account.unlinkIdentity("acme"),
      accountOf(other).reauthenticate({ password }),
    ]);
    const codes = outcomes.map((one) => (one.status === "rejected" ? one.reason.code : "done"));
    expect(codes).toEqual(["done", "IDENTITY_NOT_FOUND", "done", "done", "IDENTITY_NOT_FOUND", "done"]);
    clock.advance(60);
    expect((await client.refresh())?.email).toBe(email);
    expect((await other.refresh())?.email).toBe(email);
  });

  test("a call waits for a renewal that is under way, which replaces the token that it brings", async () => {
    const { device, client, account } = await signedIn(options());
    let answer = () => {};
    const held = new Promise<void>((resolve) => (answer = resolve));
    device.way = (request, send) => (request.url.endsWith("/auth/refresh") ? held.then(send) : undefined);
    const renewing = client.refresh();
    const removing = account.unlinkIdentity("acme").catch(({ code }: { code: string }) => code);
    await account.identities();
    expect(device.count("/auth/me/identities/acme")).toBe(0);
    answer();
    await renewing;
    expect(await removing).toBe("IDENTITY_NOT_FOUND");
    const calls = device.sent.map(({ call }) => call).filter((call) => call !== "GET /auth/me/identities");
    expect(calls.slice(-2)).toEqual(["POST /auth/refresh", "DELETE /auth/me/identities/acme"]);
  });

  test("an access token that has run out by the service's clock is renewed, and the call is made", async () => {
    const { account, email } = await signedIn(options(), async () => ({ password }));
    await linkBefore(email, `run out by ${how}`);
    clock.advance(31 * 60);
    expect((await account.unlinkIdentity("acme")).identities).toEqual([]);
  });

  test("nobody is signed in: UNAUTHENTICATED, and nothing is sent but the question who it is", async () => {
    const device = createDevice(url);
    const account = accountOf(device.open(options()));
    for (const call of [
      () => account.identities(),
      () => account.unlinkIdentity("acme"),
      () => account.reauthenticate({ password }),
    ])
      await expect(call()).rejects.toMatchObject({ name: "LatchkeyError", code: "UNAUTHENTICATED" });
    expect(device.sent.filter(({ call }) => call !== "POST /auth/refresh")).toEqual([]);
  });

  test("what one person has asked for is not done for whoever signs in meanwhile", async () => {
    const second = await registerPerson(api);
    const { device, client, account, email } = await signedIn(options(), async () => {
      await client.login({ email: second, password });
      return { password };
    });
    await linkBefore(email, `meanwhile by ${how}`);
    stale();
    await expect(account.unlinkIdentity("acme")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect([client.user?.email, device.count("/auth/reauthenticate")]).toEqual([second, 0]);
  });
});

test("15.2 accountOf takes a client that a framework has wrapped, and nothing else", async () => {
  const { client, email } = await signedIn();
  const wrapped = new Proxy(client, {});
  expect((await accountOf(wrapped).reauthenticate({ password }))?.email).toBe(email);
  expect(() => accountOf({ fetch })).toThrow(
    expect.objectContaining({ name: "LatchkeyError", code: "INVALID_OPTIONS" }),
  );
});
