import type { ApiRequest } from "../api.ts";
import { newAddress } from "../accounts.ts";
import { latestMail } from "../mails.ts";
import { createPasskeyCalls } from "../passkeys.ts";
import { newDevice, password, registerPerson, signIn, type Device } from "../people.ts";
import { anId } from "../routes.ts";
import { withSettings } from "../service.ts";
import { held, plain, unprovenDevice, type Arrange, type Scenario, type Scenarios, type World } from "./scenario.ts";

const newPassword = "a pass phrase of my own";

/** A call of somebody who is signed in. @param proves whether it shows the refresh token */
const signedIn =
  (method: string, path: string, request: ApiRequest = {}, proves = true): Arrange =>
  async ({ api }) => {
    const { bearer, cookie } = held(await newDevice(api));
    return () => api.send(method, path, { bearer, ...(proves && { cookie }), ...request });
  };

/** A read of one's own data, which an access token that is none gets no answer to. */
const read = (path: string): Scenario => ({
  succeeds: [signedIn("GET", path)],
  isRefused: [plain("GET", path, { bearer: "forged" })],
});

/** The token of a mail that another call has had sent. */
const mailedTo = async ({ services }: World, template: "reset_password" | "verify_email", to: string) =>
  (await latestMail(services, template, to)).data.token;

/** Asks for another address. @returns the device, and the token that confirms the address */
async function changing(service: World): Promise<{ device: Device; token: string }> {
  const { api, services } = service;
  const [device, to] = [await newDevice(api), newAddress()];
  await api.post("/auth/email/change", { ...held(device), body: { email: to } });
  return { device, token: (await latestMail(services, "confirm_email", to)).data.token };
}

/** A change of address that was confirmed, with an identity and a passkey that were added since. @returns the token that undoes it */
async function changed(service: World): Promise<string> {
  const { api, services } = service;
  const { device, token } = await changing(service);
  const body = { id_token: await service.issuer.idToken({ nonce: "n", sub: newAddress() }), nonce: "n" };
  await api.post("/auth/me/identities/acme", { ...held(device), body });
  await api.post("/auth/email/confirm", { body: { token } });
  await createPasskeyCalls(service).withPasskey(device);
  return (await latestMail(services, "email_changed", device.email)).data.token;
}

async function forgotten(service: World): Promise<string> {
  const { email } = await unprovenDevice(service);
  await service.api.post("/auth/password/forgot", { body: { email } });
  return mailedTo(service, "reset_password", email);
}

/** Sends what a mail's link has in it: the page that it opens with GET, the page's button with POST. */
const link =
  (method: "GET" | "POST", path: string, tokenOf: (service: World) => Promise<string>, more = {}): Arrange =>
  async (service) => {
    const token = await tokenOf(service);
    const ask = new URLSearchParams({ token }).toString();
    return () =>
      method === "GET" ? service.api.get(`${path}?${ask}`) : service.api.post(path, { body: { token, ...more } });
  };

const dead = async () => "not-a-token";

const linkedPage = (path: string, tokenOf: (service: World) => Promise<string>): Scenario => ({
  succeeds: [link("GET", path, tokenOf)],
  isRefused: [link("GET", path, dead)],
});

/** Registers where an address must be proven first. */
const required = (service: World) => withSettings(service, { EMAIL_VERIFICATION: "required" });

async function registered(service: World): Promise<string> {
  return mailedTo(service, "verify_email", await registerPerson(service.api));
}

/** A registration that waits, at a new address or at one whose account is not proven. */
async function waiting(service: World, email = newAddress()): Promise<string> {
  required(service);
  await service.api.post("/auth/register", { body: { email, username: "Ada", password } });
  return mailedTo(service, "verify_email", email);
}

const deleted = async ({ api }: World): Promise<string> => {
  const device = await newDevice(api);
  await api.send("DELETE", "/auth/me", held(device));
  return device.email;
};

const cancel =
  (typed: string): Arrange =>
  async (service) => {
    const email = await deleted(service);
    return () => service.api.post("/auth/me/deletion/cancel", { body: { email, password: typed } });
  };

/** For any address: another mail. */
const ask =
  (path: string): Arrange =>
  async ({ api }) => {
    const email = await registerPerson(api);
    return () => api.post(path, { body: { email } });
  };

export const account: Scenarios = {
  "account-activity": read("/auth/me/activity"),
  "account-sessions": read("/auth/sessions"),
  "auth-me": read("/auth/me"),
  "account-cancel-deletion": { succeeds: [cancel(password)], isRefused: [cancel("not my pass phrase")] },
  "account-change-email": {
    succeeds: [(service) => signedIn("POST", "/auth/email/change", { body: { email: newAddress() } })(service)],
    isRefused: [signedIn("POST", "/auth/email/change", { body: { email: "x@example.com" } }, false)],
  },
  "account-change-password": {
    succeeds: [
      async ({ api }) => {
        const device = await newDevice(api);
        await signIn(api, device.email);
        const body = { current_password: password, password: newPassword };
        return () => api.post("/auth/password/change", { ...held(device), body });
      },
    ],
    isRefused: [
      signedIn("POST", "/auth/password/change", {
        body: { current_password: "not mine at all", password: newPassword },
      }),
    ],
  },
  "account-change-profile": {
    succeeds: [signedIn("PATCH", "/auth/me", { body: { username: "Countess" } })],
    isRefused: [signedIn("PATCH", "/auth/me", { body: { username: "" } })],
  },
  "account-check-password": {
    succeeds: [plain("POST", "/auth/password/check", { body: { password: newPassword } })],
    isRefused: [plain("POST", "/auth/password/check", { body: {} })],
  },
  "account-confirm-email-page": linkedPage("/auth/email/confirm", async (service) => (await changing(service)).token),
  "account-confirm-email": {
    succeeds: [link("POST", "/auth/email/confirm", async (service) => (await changing(service)).token)],
    isRefused: [link("POST", "/auth/email/confirm", dead)],
  },
  "account-delete": {
    succeeds: [signedIn("DELETE", "/auth/me")],
    isRefused: [signedIn("DELETE", "/auth/me", {}, false)],
  },
  "account-end-session": {
    succeeds: [
      async ({ api }) => {
        const [device, other] = await twoDevices(api);
        const { json } = await api.get("/auth/sessions", { bearer: other.accessToken });
        const { id } = json.data.sessions.find(({ current }: { current: boolean }) => current);
        return () => api.send("DELETE", `/auth/sessions/${id}`, held(device));
      },
    ],
    isRefused: [signedIn("DELETE", `/auth/sessions/${anId}`), signedIn("DELETE", `/auth/sessions/${anId}`, {}, false)],
  },
  "account-end-sessions": {
    succeeds: [
      async ({ api }) => {
        const [device] = await twoDevices(api);
        return () => api.send("DELETE", "/auth/sessions", held(device));
      },
    ],
    isRefused: [signedIn("DELETE", "/auth/sessions", {}, false)],
  },
  "account-export": {
    succeeds: [signedIn("POST", "/auth/me/export")],
    isRefused: [signedIn("POST", "/auth/me/export", {}, false)],
  },
  "account-forgot-password": {
    succeeds: [ask("/auth/password/forgot")],
    isRefused: [plain("POST", "/auth/password/forgot", { body: { email: "no address" } })],
  },
  "account-resend-verification": {
    succeeds: [ask("/auth/email/resend")],
    isRefused: [plain("POST", "/auth/email/resend", { body: { email: "no address" } })],
  },
  "account-reset-password-page": linkedPage("/auth/password/reset", forgotten),
  "account-reset-password": {
    succeeds: [link("POST", "/auth/password/reset", forgotten, { password: newPassword })],
    isRefused: [link("POST", "/auth/password/reset", dead, { password: newPassword })],
  },
  "account-undo-email-page": linkedPage("/auth/email/undo", changed),
  "account-undo-email": {
    succeeds: [link("POST", "/auth/email/undo", changed)],
    isRefused: [link("POST", "/auth/email/undo", dead)],
  },
  "account-verify-email-page": linkedPage("/auth/email/verify", registered),
  "account-verify-email": {
    succeeds: [
      link("POST", "/auth/email/verify", registered),
      link("POST", "/auth/email/verify", async (service) => waiting(service, (await unprovenDevice(service)).email)),
      link("POST", "/auth/email/verify", waiting),
    ],
    isRefused: [link("POST", "/auth/email/verify", dead)],
  },
  "auth-register": {
    succeeds: [
      (service) => register(service, newAddress()),
      (service) => {
        required(service);
        return register(service, newAddress());
      },
      async (service) => {
        withSettings(service, { EMAIL_VERIFICATION: "optional" });
        const taken = await registerPerson(service.api);
        const token = await mailedTo(service, "verify_email", taken);
        await service.api.post("/auth/email/verify", { body: { token } });
        required(service);
        return register(service, taken);
      },
    ],
    isRefused: [
      async (service) => {
        withSettings(service, { EMAIL_VERIFICATION: "optional" });
        return register(service, await registerPerson(service.api));
      },
    ],
  },
};

function register(service: World, email: string) {
  return () => service.api.post("/auth/register", { body: { email, username: "Ada", password } });
}

/** Two devices of one person. */
async function twoDevices(api: World["api"]): Promise<[Device, Device]> {
  const device = await newDevice(api);
  return [device, await signIn(api, device.email)];
}
