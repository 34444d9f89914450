import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { addPasskey, passkeys, passkeySupport, removePasskey, signInWithPasskey } from "../../client/src/passkeys.ts";
import { createPasskeyCalls } from "../support/passkeys.ts";
import { password } from "../support/people.ts";
import { startService } from "../support/service.ts";
import { createDevice } from "./device.ts";
import { softBrowser } from "./soft-browser.ts";

const service = await startService();
const { provenPerson } = createPasskeyCalls(service);

let browser: ReturnType<typeof softBrowser>;
beforeEach(() => {
  browser = softBrowser();
  vi.stubGlobal("navigator", { credentials: browser.credentials });
  vi.stubGlobal("PublicKeyCredential", browser.statics);
  vi.stubGlobal("document", { hidden: false });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe.each(["cookie", "body"] as const)("20.10 passkeys, by %s", (transport) => {
  const open = () => createDevice(service.url).open({ transport });

  async function owner() {
    const { email } = await provenPerson();
    const client = open();
    await client.login({ email, password });
    return { client, email };
  }

  test("one is added, which the browser is told of, signs in, and is removed", async () => {
    const { client, email } = await owner();
    const [added] = (await addPasskey(client, { name: "Laptop" })) ?? [];
    expect(added).toMatchObject({ name: "Laptop", credential_id: browser.ids()[0] });
    expect(browser.told.at(-2)).toMatchObject({
      what: "AllAcceptedCredentials",
      allAcceptedCredentialIds: browser.ids(),
    });
    expect(browser.told.at(-1)).toMatchObject({ what: "CurrentUserDetails", name: email });
    const other = open();
    expect((await signInWithPasskey(other))?.email).toBe(email);
    expect((await other.refresh())?.email).toBe(email);
    expect(await removePasskey(other, added?.id ?? "")).toEqual([]);
    expect(browser.told.at(-2)).toMatchObject({ allAcceptedCredentialIds: [] });
    await expect(signInWithPasskey(open())).rejects.toMatchObject({ code: "PASSKEY_UNKNOWN" });
    expect(browser.told.at(-1)).toEqual({
      what: "UnknownCredential",
      rpId: "localhost",
      credentialId: browser.ids()[0],
    });
  });

  test("whoever gives up has not failed; a second one on the same authenticator is an error of its own", async () => {
    const { client } = await owner();
    browser.refuse("NotAllowedError");
    expect([await addPasskey(client), await signInWithPasskey(open())]).toEqual([undefined, undefined]);
    browser.refuse("InvalidStateError");
    await expect(addPasskey(client)).rejects.toMatchObject({
      code: "PASSKEY_EXISTS",
      cause: { name: "InvalidStateError" },
    });
    browser.refuse("SecurityError");
    await expect(addPasskey(client)).rejects.toMatchObject({
      code: "PLATFORM_ERROR",
      cause: { name: "SecurityError" },
    });
    vi.stubGlobal("navigator", {});
    await expect(signInWithPasskey(client)).rejects.toMatchObject({ code: "PLATFORM_ERROR" });
    expect(await passkeys(client)).toEqual([]);
  });

  test("a lost answer leaves one passkey, and one that the service refuses is disowned", async () => {
    const { email } = await provenPerson();
    const device = createDevice(service.url);
    const client = device.open({ transport });
    await client.login({ email, password });
    let lost = 0;
    device.way = (request, pass) => {
      if (request.method !== "POST" || !request.url.endsWith("/auth/passkeys") || lost > 0) return undefined;
      lost += 1;
      return pass().then(() => Promise.reject(new TypeError("lost")));
    };
    expect(await addPasskey(client)).toHaveLength(1);
    expect([lost, device.count("/auth/passkeys"), browser.ids().length]).toEqual([1, 2, 1]);
    browser.twist({ origin: "https://evil.example" });
    await expect(addPasskey(client)).rejects.toMatchObject({ code: "PASSKEY_INVALID" });
    expect(browser.told.at(-1)).toMatchObject({ what: "UnknownCredential", credentialId: browser.ids()[1] });
  });

  test("a suggestion gives way to a button, ends with its signal, and renews its challenge before it is too old", async () => {
    const { client, email } = await owner();
    await addPasskey(client);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    browser.wait();
    const device = createDevice(service.url);
    const suggesting = signInWithPasskey(device.open({ transport }), { suggest: true });
    await vi.waitFor(() => expect(browser.waiting()).toBe(1));
    vi.advanceTimersByTime(270_000);
    await vi.waitFor(() => expect(device.count("/auth/passkeys/sign-in/options")).toBe(2));
    await vi.waitFor(() => expect(browser.waiting()).toBe(1));
    browser.touch();
    const button = open();
    expect((await signInWithPasskey(button))?.email).toBe(email);
    expect(await suggesting).toBeUndefined();
    browser.wait();
    const abort = new AbortController();
    const another = signInWithPasskey(open(), { suggest: true, signal: abort.signal });
    await vi.waitFor(() => expect(browser.waiting()).toBe(1));
    abort.abort();
    expect(await another).toBeUndefined();
    expect(await signInWithPasskey(open(), { suggest: true, signal: abort.signal })).toBeUndefined();
  });
});

test("20.10 what a browser can is known without its newest calls, and without any", async () => {
  expect(await passkeySupport()).toEqual({ hasPasskeys: true, canSuggest: true, canAddSilently: true });
  vi.stubGlobal("PublicKeyCredential", { isConditionalMediationAvailable: async () => true });
  expect(await passkeySupport()).toEqual({ hasPasskeys: true, canSuggest: true, canAddSilently: false });
  vi.stubGlobal("PublicKeyCredential", undefined);
  expect(await passkeySupport()).toEqual({ hasPasskeys: false, canSuggest: false, canAddSilently: false });
});
