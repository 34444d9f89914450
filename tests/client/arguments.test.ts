import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { accountOf, forgotPassword, unlinkIdentity, withProof, type Account } from "../../client/src/account.ts";
import * as mfa from "../../client/src/mfa.ts";
import * as passkeys from "../../client/src/passkeys.ts";
import { createClient, LatchkeyError, type Client, type ClientOptions } from "../../client/src/index.ts";
import { password } from "../support/people.ts";
import { home, startSocialService } from "../support/social.ts";
import { accountHolders } from "./account-holder.ts";
import { createStorage } from "./device.ts";
import { odd } from "./odd-values.ts";

const service = await startSocialService();
const { url } = service;
const { signedIn } = accountHolders(service);

beforeEach(() => void vi.stubGlobal("location", Object.assign(new URL(home), { assign: () => {} })));
afterEach(() => void vi.unstubAllGlobals());

const transports: Record<string, () => Partial<ClientOptions>> = {
  cookie: () => ({}),
  body: () => ({ transport: "body", storage: createStorage().storage }),
};

describe.each(Object.keys(transports))("15.12 odd arguments, by %s", (how) => {
  test.each(Object.keys(odd))(
    "%s: no method throws, and none rejects with anything but a LatchkeyError",
    async (what) => {
      const given = await signedIn(transports[how]?.(), async () => ({ password }));
      const [thrown, rejected]: [string[], string[]] = [[], []];
      for (const [name, ask] of Object.entries(methods)) {
        try {
          await Promise.resolve(ask(given, odd[what] as never)).catch((error: unknown) => {
            if (!(error instanceof LatchkeyError)) rejected.push(`${name}: ${typeof error}`);
          });
        } catch (error) {
          if (name !== "onChange" || !(error instanceof LatchkeyError)) thrown.push(`${name}: ${String(error)}`);
        }
      }
      expect([thrown, rejected]).toEqual([[], []]);
    },
  );
});

test.each(Object.keys(odd))("15.12 %s is no client, and no options of one: that is an error of ours", (what) => {
  for (const make of [() => accountOf(odd[what] as never), () => createClient(odd[what] as never)])
    expect(make).toThrow(expect.objectContaining({ name: "LatchkeyError" }));
});

test("15.12 what an app's own function rejects with has no text: it is the cause all the same", async () => {
  const cause: unknown = Object.create(null);
  const browse = () => Promise.reject(cause);
  const client = createClient({ baseUrl: url, transport: "body", browse });
  await expect(client.signInWith("acme", { redirectTo: home })).rejects.toMatchObject({
    code: "PLATFORM_ERROR",
    cause,
  });
  client.close();
});

describe.each(Object.keys(transports))("15.2 names of providers, by %s", (how) => {
  test.each(["..", ".", "", "../..", "acme/..", "acme?x", "acme#x", "acme%2f..", "Acme", "_acme", "7", "acme\n", "ä"])(
    "%j is none, and nothing goes to another path",
    async (name) => {
      const { device, account, client } = await signedIn(transports[how]?.());
      const sent = device.sent.length;
      for (const call of [
        () => account.unlinkIdentity(name),
        () => account.linkIdentity(name),
        () => account.reauthenticate({ provider: name }),
        () => client.signInWith(name),
      ])
        await expect(call()).rejects.toMatchObject({ name: "LatchkeyError", code: "PROVIDER_NOT_CONFIGURED" });
      const calls = new Set(device.sent.slice(sent).map(({ call }) => call));
      calls.delete("GET /auth/oauth/providers");
      expect([...calls]).toEqual([]);
    },
  );
});

type Given = { readonly client: Client; readonly account: Account };

type Method = (given: Given, value: never) => unknown;

/** The account's calls that take nothing else; those that link and prove come below. */
const simple = [
  "verifyEmail",
  "resendVerification",
  "forgotPassword",
  "resetPassword",
  "changePassword",
  "checkPassword",
  "updateProfile",
  "changeEmail",
  "confirmEmail",
  "undoEmail",
  "cancelDeletion",
  "endSession",
  "activity",
] as const;

const methods: Record<string, Method> = {
  ...Object.fromEntries(simple.map((name) => [name, ({ account }: Given, value: never) => account[name](value)])),
  register: ({ client }, value) => client.register(value),
  login: ({ client }, value) => client.login(value),
  signInWith: ({ client }, value) => client.signInWith(value),
  "signInWith, its options": ({ client }, value) => client.signInWith("acme", value),
  "signInWith, redirectTo": ({ client }, value) => client.signInWith("acme", { redirectTo: value }),
  linkIdentity: ({ account }, value) => account.linkIdentity(value),
  "linkIdentity, its options": ({ account }, value) => account.linkIdentity("acme", value),
  "linkIdentity, redirectTo": ({ account }, value) => account.linkIdentity("acme", { redirectTo: value }),
  unlinkIdentity: ({ account }, value) => account.unlinkIdentity(value),
  reauthenticate: ({ account }, value) => account.reauthenticate(value),
  "reauthenticate, password": ({ account }, value) => account.reauthenticate({ password: value }),
  "reauthenticate, provider": ({ account }, value) => account.reauthenticate({ provider: value }),
  "reauthenticate, code": ({ account }, value) => account.reauthenticate({ provider: "acme", code: value }),
  "a proof that was asked for": ({ client }, value) =>
    accountOf(client, { reauthenticate: async () => value }).unlinkIdentity("acme"),
  "accountOf, its options": ({ client }, value) => accountOf(client, value).identities(),
  onChange: ({ client }, value) => client.onChange(value)(),
  "logout, its options": ({ client }, value) => client.logout(value),
  "withProof, its question": ({ client }, value) => unlinkIdentity(withProof(client, value), "acme"),
  "a call's client": (_, value) => forgotPassword(value, { email: "nobody@example.com" }),
  "logout, scope": ({ client }, value) => client.logout({ scope: value }),
  ...Object.fromEntries(
    Object.entries({ ...mfa, ...passkeys } as Readonly<Record<string, (...given: readonly unknown[]) => unknown>>)
      // These take an error and a promise, whatever they are.
      .filter(([name]) => name !== "secondFactorDue" && name !== "outcomeOf")
      .flatMap(([name, call]): [string, Method][] => [
        [name, ({ client }, value) => call(client, value, value)],
        [`${name}, its client`, (_, value) => call(value, value, value)],
      ]),
  ),
};
