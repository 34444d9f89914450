import { createPasskeyCalls, page } from "../passkeys.ts";
import { cookieName, newDevice, password, refreshed } from "../people.ts";
import { createFactorCalls } from "../second-factors.ts";
import { held, plain, type Arrange, type Scenarios } from "./scenario.ts";
import { get } from "../webauthn.ts";

/** A sign-in in a browser that has a session, which the new one replaces. */
const login =
  (typed: string): Arrange =>
  async ({ api }) => {
    const { email, cookie } = await newDevice(api);
    return () => api.post("/auth/login", { cookie, body: { email, password: typed } });
  };

const reauthenticate =
  (typed: string): Arrange =>
  async ({ api }) => {
    const device = await newDevice(api);
    return () => api.post("/auth/reauthenticate", { ...held(device), body: { password: typed } });
  };

export const auth: Scenarios = {
  "auth-login": {
    succeeds: [
      login(password),
      async (service) => {
        const { email } = await createFactorCalls(service).protectedPerson();
        return () => service.api.post("/auth/login", { body: { email, password } });
      },
    ],
    isRefused: [
      login("not my pass phrase"),
      plain("POST", "/auth/login", { body: { email: "nobody@example.com", password } }),
    ],
  },
  "auth-logout": {
    succeeds: [
      async ({ api }) => {
        const { cookie } = await newDevice(api);
        return () => api.post("/auth/logout", { cookie });
      },
    ],
    isRefused: [plain("POST", "/auth/logout", { body: { scope: "everywhere" } })],
  },
  "auth-reauthenticate": {
    succeeds: [
      reauthenticate(password),
      async (service) => {
        const { protectedPerson, recoveryCodes } = createFactorCalls(service);
        const person = await protectedPerson();
        const [code] = await recoveryCodes(person);
        const body = { method: "recovery", code };
        return () => service.api.post("/auth/reauthenticate", { ...held(person.device), body });
      },
    ],
    isRefused: [
      reauthenticate("not my pass phrase"),
      async (service) => {
        const { passkeyOwner, signInBy, shown, send } = createPasskeyCalls(service);
        const { passkey, device } = await passkeyOwner({ doesCount: true });
        await signInBy(await shown({ passkey }, { count: 7 }));
        const { options } = (await send("POST", "/auth/passkeys/step-up/options", device)).json.data;
        const body = { method: "passkey", credential: get(page, options, passkey, { count: 7 }) };
        return () => service.api.post("/auth/reauthenticate", { ...held(device), body });
      },
    ],
  },
  "auth-refresh": {
    succeeds: [
      async ({ api }) => {
        const { cookie } = await newDevice(api);
        return () => api.post("/auth/refresh", { cookie });
      },
    ],
    isRefused: [
      plain("POST", "/auth/refresh", { cookie: `${cookieName}=${"x".repeat(43)}` }),
      async ({ api, clock }) => {
        const device = await newDevice(api);
        await refreshed(api, device);
        clock.advance(3600);
        return () => api.post("/auth/refresh", { cookie: device.cookie });
      },
    ],
  },
};
