import { createPasskeyCalls, type PasskeyOwner } from "../passkeys.ts";
import { signIn } from "../people.ts";
import { anId } from "../routes.ts";
import { createFactorCalls } from "../second-factors.ts";
import { plain, type Arrange, type Scenarios, type World } from "./scenario.ts";

/** Somebody with a passkey, and another session. */
async function owner(service: World): Promise<PasskeyOwner> {
  const person = await createPasskeyCalls(service).passkeyOwner();
  await signIn(service.api, person.email);
  return person;
}

const call =
  (method: string, pathOf: (person: PasskeyOwner) => string, body: object = {}): Arrange =>
  async (service) => {
    const person = await owner(service);
    return () => createPasskeyCalls(service).send(method, pathOf(person), person.device, body);
  };

/** The same without the refresh token that belongs to it. */
const bare =
  (method: string, path: string, body: object = {}): Arrange =>
  async (service) => {
    const { device } = await owner(service);
    return () => service.api.send(method, path, { bearer: device.accessToken, body });
  };

/** Adds a passkey that answers the options, or others. */
const add =
  (isRight: boolean): Arrange =>
  async (service) => {
    const calls = createPasskeyCalls(service);
    const device = await calls.provenPerson();
    const { credential } = await calls.make(device, isRight ? {} : { rpId: "evil.test" });
    return () => calls.add(device, credential);
  };

/** Signs in, in a browser that has a session. */
const signInBy =
  (personOf: (service: World) => Promise<Pick<PasskeyOwner, "passkey" | "device">>, twist: object = {}): Arrange =>
  async (service) => {
    const calls = createPasskeyCalls(service);
    const person = await personOf(service);
    const body = await calls.shown(person, twist);
    return () => calls.signInBy(body, person.device.cookie);
  };

/** Somebody who has a passkey beside an authenticator app. */
async function protectedOwner(service: World): Promise<PasskeyOwner> {
  const { device } = await createFactorCalls(service).protectedPerson();
  return createPasskeyCalls(service).withPasskey(device);
}

export const passkeys: Scenarios = {
  "passkeys-options": {
    succeeds: [call("POST", () => "/auth/passkeys/options")],
    isRefused: [bare("POST", "/auth/passkeys/options")],
  },
  "passkeys-add": { succeeds: [add(true)], isRefused: [add(false)] },
  "passkeys-list": {
    succeeds: [
      async (service) => {
        const { device } = await owner(service);
        return () => service.api.get("/auth/passkeys", { bearer: device.accessToken });
      },
    ],
    isRefused: [plain("GET", "/auth/passkeys", { bearer: "forged" })],
  },
  "passkeys-rename": {
    succeeds: [call("PATCH", ({ passkeyId }) => `/auth/passkeys/${passkeyId}`, { name: "Tablet" })],
    isRefused: [call("PATCH", () => `/auth/passkeys/${anId}`, { name: "Tablet" })],
  },
  "passkeys-remove": {
    succeeds: [call("DELETE", ({ passkeyId }) => `/auth/passkeys/${passkeyId}`)],
    isRefused: [call("DELETE", () => `/auth/passkeys/${anId}`)],
  },
  "passkeys-step-up-options": {
    succeeds: [call("POST", () => "/auth/passkeys/step-up/options")],
    isRefused: [bare("POST", "/auth/passkeys/step-up/options")],
  },
  "passkeys-sign-in-options": { succeeds: [plain("POST", "/auth/passkeys/sign-in/options")], isRefused: [] },
  "passkeys-sign-in": {
    succeeds: [signInBy(owner), signInBy(protectedOwner, { isUserVerified: false })],
    isRefused: [
      signInBy(owner, { userHandle: undefined }),
      async (service) => {
        const calls = createPasskeyCalls(service);
        const person = await calls.passkeyOwner({ doesCount: true });
        await calls.signInBy(await calls.shown(person, { count: 7 }));
        return signInBy(async () => person, { count: 7 })(service);
      },
    ],
  },
};
