import { afterEach, describe, expect, test, vi } from "vitest";
import { accountOf, type AskForProof } from "../../client/src/account.ts";
import type { ClientOptions } from "../../client/src/index.ts";
import { password, registerPerson } from "../support/people.ts";
import { home, startSocialService } from "../support/social.ts";
import { accountHolders } from "./account-holder.ts";
import { createStorage } from "./device.ts";

const service = await startSocialService();
const { api, clock, issuer } = service;
const { transports, signedIn, linkBefore, stale } = accountHolders(service);

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

/** An app, whose browser comes back from the provider at once, after what a test has done meanwhile. */
function app(meanwhile: () => Promise<unknown> = async () => undefined): Partial<ClientOptions> {
  const browse = async (target: string) => {
    await meanwhile();
    return issuer.authorize(target);
  };
  return { transport: "body", storage: createStorage().storage, browse };
}

/** Somebody with an identity at the provider, whose sign-in is too old. */
async function withIdentity(options: Partial<ClientOptions>, ask?: AskForProof) {
  const holder = await signedIn(options, ask);
  await linkBefore(holder.email, holder.email);
  issuer.person = { sub: holder.email };
  stale();
  return holder;
}

describe("15.2 nobody acts for somebody else", () => {
  test("who signs in while another person is at the provider gets no link", async () => {
    const second = await registerPerson(api);
    const { device, client, account } = await signedIn(app(() => client.login({ email: second, password })));
    issuer.person = { sub: "of who was at the provider" };
    const linking = account.linkIdentity("acme", { redirectTo: home });
    await expect(linking).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect((await account.identities()).identities).toEqual([]);
    expect(device.count("/auth/me/identities/acme")).toBe(0);
  });

  test("whose page has an access token that has run out does nothing for whoever its renewal signs in", async () => {
    const { storage } = createStorage();
    const { device, client, account } = await signedIn({ transport: "body", storage });
    const second = await registerPerson(api);
    await device.open({ transport: "body", storage }).login({ email: second, password });
    await linkBefore(second, second);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 31 * 60_000 });
    await expect(account.unlinkIdentity("acme")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    expect([client.user?.email, device.count("/auth/me/identities/acme")]).toEqual([second, 0]);
  });

  test("common storage: after the same person's sign-in in another tab a change is made", async () => {
    const { storage } = createStorage();
    const { device, account, email } = await signedIn({ transport: "body", storage });
    await linkBefore(email, email);
    await device.open({ transport: "body", storage }).login({ email, password });
    expect((await account.unlinkIdentity("acme")).identities).toEqual([]);
    await device.open({ transport: "body", storage }).login({ email, password });
    expect((await account.reauthenticate({ password }))?.email).toBe(email);
  });

  test("common storage: after another person's sign-in in another tab it is not", async () => {
    const { storage } = createStorage();
    const { device, client, account, email } = await signedIn({ transport: "body", storage });
    await linkBefore(email, email);
    const second = await registerPerson(api);
    await linkBefore(second, second);
    const other = device.open({ transport: "body", storage });
    await other.login({ email: second, password });
    await expect(account.unlinkIdentity("acme")).rejects.toMatchObject({ code: "UNAUTHENTICATED" });
    await expect(account.reauthenticate({ password: "theirs?" })).rejects.toMatchObject({
      code: "INVALID_CREDENTIALS",
    });
    expect(client.user?.email).toBe(second);
    expect((await accountOf(other).identities()).identities).toHaveLength(1);
  });
});

describe("15.2 a proof that is good once", () => {
  /** Loses the answer to a reauthentication, which the service has carried out. */
  const losing = (request: Request, pass: () => Promise<Response>) =>
    request.url.endsWith("/auth/reauthenticate")
      ? pass().then(() => {
          throw new TypeError("connection lost");
        })
      : undefined;

  test("whose answer is lost is not sent again; the session goes on, and what it has proven counts", async () => {
    const { device, client, account, email } = await withIdentity(app());
    device.way = losing;
    const proving = account.reauthenticate({ provider: "acme", redirectTo: home });
    await expect(proving).rejects.toMatchObject({ code: "NETWORK_ERROR" });
    device.way = undefined;
    expect([device.count("/auth/reauthenticate"), device.count("/auth/refresh")]).toEqual([1, 1]);
    clock.advance(60);
    expect((await client.refresh())?.email).toBe(email);
    expect((await account.unlinkIdentity("acme")).identities).toEqual([]);
  });

  test("whose answer takes its time is not sent twice", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
    const { device, account, email } = await withIdentity(app());
    device.way = (request, pass) =>
      request.url.endsWith("/auth/reauthenticate")
        ? pass().then(async (response) => {
            await vi.advanceTimersByTimeAsync(7000);
            return response;
          })
        : undefined;
    expect((await account.reauthenticate({ provider: "acme", redirectTo: home }))?.email).toBe(email);
    expect(device.count("/auth/reauthenticate")).toBe(1);
  });

  test("whose answer never comes is given up, in time for the session to go on", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"], shouldAdvanceTime: true });
    const { device, client, account, email } = await withIdentity(app());
    device.way = (request, pass) =>
      request.url.endsWith("/auth/reauthenticate")
        ? pass().then(async () => {
            const gone = new Promise((resolve) => request.signal.addEventListener("abort", resolve));
            await vi.advanceTimersByTimeAsync(8100);
            return gone.then(() => Promise.reject(new TypeError("aborted")));
          })
        : undefined;
    const proving = account.reauthenticate({ provider: "acme", redirectTo: home });
    await expect(proving).rejects.toMatchObject({ code: "NETWORK_ERROR" });
    expect([device.count("/auth/reauthenticate"), device.count("/auth/refresh")]).toEqual([1, 1]);
    clock.advance(60);
    expect((await client.refresh())?.email).toBe(email);
  });

  test("and that took longer to fetch than an access token lasts is sent with a new one", async () => {
    const { account, email } = await withIdentity(app(async () => clock.advance(31 * 60)));
    expect((await account.reauthenticate({ provider: "acme", redirectTo: home }))?.email).toBe(email);
  });
});

describe.each(Object.keys(transports))("15.2 several changes at once, by %s", (how) => {
  test("ask once", async () => {
    const ask = vi.fn<AskForProof>(async () => ({ password }));
    const { client, account } = await withIdentity(transports[how]?.() ?? {}, ask);
    const another = accountOf(client, { reauthenticate: ask });
    const outcomes = await Promise.allSettled([account.unlinkIdentity("acme"), another.unlinkIdentity("acme")]);
    const codes = outcomes.map((one) => (one.status === "rejected" ? one.reason.code : "done"));
    expect(codes.toSorted()).toEqual(["IDENTITY_NOT_FOUND", "done"]);
    expect(ask).toHaveBeenCalledTimes(1);
  });

  test("a person who gives up has given up for all of them, and is asked again the next time", async () => {
    let bothAreRefused = async () => {};
    const ask = vi.fn<AskForProof>(() => bothAreRefused().then(() => undefined));
    const { device, account } = await withIdentity(transports[how]?.() ?? {}, ask);
    bothAreRefused = () => vi.waitFor(() => expect(device.count("/auth/me/identities/acme")).toBe(2));
    const outcomes = await Promise.allSettled([account.unlinkIdentity("acme"), account.unlinkIdentity("acme")]);
    expect(outcomes.map((one) => one.status === "rejected" && one.reason.code)).toEqual([
      "REAUTHENTICATION_REQUIRED",
      "REAUTHENTICATION_REQUIRED",
    ]);
    expect(ask).toHaveBeenCalledTimes(1);
    bothAreRefused = async () => {};
    await expect(account.unlinkIdentity("acme")).rejects.toMatchObject({ code: "REAUTHENTICATION_REQUIRED" });
    expect(ask).toHaveBeenCalledTimes(2);
  });
});

test("15.2 who has proven it in another tab meanwhile is not asked", async () => {
  // Without locks, which would keep the other tab waiting.
  vi.stubGlobal("navigator", undefined);
  const ask = vi.fn<AskForProof>(async () => ({ password }));
  const { device, client, account } = await withIdentity({}, ask);
  const other = device.open();
  await other.refresh();
  const before = await client.getAccessToken();
  const late = async (pass: () => Promise<Response>) => {
    const refused = await pass();
    await accountOf(other).reauthenticate({ password });
    while ((await client.getAccessToken()) === before) await new Promise((resolve) => setTimeout(resolve, 20));
    return refused;
  };
  device.way = (request, pass) => {
    if (request.method !== "DELETE") return undefined;
    device.way = undefined;
    return late(pass);
  };
  expect((await account.unlinkIdentity("acme")).identities).toEqual([]);
  expect(ask).not.toHaveBeenCalled();
});
