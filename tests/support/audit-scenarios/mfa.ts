import { createFactorCalls, type Protected } from "../second-factors.ts";
import { totpAt } from "../../../shared/mfa/totp.ts";
import { claimsOf } from "../clients.ts";
import { createMfaCalls } from "../mfa.ts";
import { password, signIn } from "../people.ts";
import { createPasskeyCalls, page } from "../passkeys.ts";
import { anId } from "../routes.ts";
import { get } from "../webauthn.ts";
import { withSettings } from "../service.ts";
import { held, plain, type Arrange, type Scenarios, type World } from "./scenario.ts";

/** Somebody with an authenticator app. */
const owner = (service: World): Promise<Protected> => createFactorCalls(service).protectedPerson();

/** A call of the session that has added the app. */
const call =
  (method: string, pathOf: (person: Protected) => string, body: object = {}): Arrange =>
  async (service) => {
    const person = await owner(service);
    return () => service.api.send(method, pathOf(person), { ...held(person.device), body });
  };

/** The same without the refresh token that belongs to it. */
const bare =
  (method: string, path: string, body: object = {}): Arrange =>
  async (service) => {
    const { device } = await owner(service);
    return () => service.api.send(method, path, { bearer: device.accessToken, body });
  };

/** The second step of a sign-in in a browser that has a session, which the new one replaces. */
const verify =
  (bodyOf: (service: World, person: Protected) => Promise<object>): Arrange =>
  async (service) => {
    const { challenge, verify: send } = createFactorCalls(service);
    const person = await owner(service);
    const shown = await bodyOf(service, person);
    const begun = await challenge(person.email);
    return () => send({ ...begun, cookie: `${begun.cookie}; ${person.device.cookie}` }, shown);
  };

/** Adds an app whose code is right, or is not, for somebody with another session. */
const confirm =
  (isRight: boolean): Arrange =>
  async (service) => {
    const { provenPerson, addApp, confirmApp, codeOf, wrongCode } = createFactorCalls(service);
    const device = await provenPerson();
    await signIn(service.api, device.email);
    const { id, secret } = (await addApp(device)).json.data;
    return () => confirmApp(device, id, isRight ? codeOf({ secret }) : wrongCode({ secret }));
  };

/** Removes the app of somebody who has another session. */
const remove: Arrange = async (service) => {
  const { challenge, verify: show, totp, send } = createFactorCalls(service);
  const person = await owner(service);
  await show(await challenge(person.email), totp(person));
  return () => send("DELETE", `/auth/mfa/totp/${person.factorId}`, person.device);
};

/** Forgets a device that is remembered, or all that are. */
const forget =
  (isOne: boolean): Arrange =>
  async (service) => {
    const { device } = await owner(service);
    const { sub: accountId } = claimsOf(device.accessToken);
    const { id } = await createMfaCalls(service).remember(accountId);
    const path = isOne ? `/auth/mfa/remembered-devices/${id}` : "/auth/mfa/remembered-devices";
    return () => service.api.send("DELETE", path, { ...held(device), body: {} });
  };

/** A sign-in that waits for its first app, in a browser that has a session. @returns its app and how to confirm it */
async function enrolling(service: World) {
  const { api, clock } = service;
  withSettings(service, {});
  const { email, cookie: session } = await createFactorCalls(service).provenPerson();
  withSettings(service, { MFA_REQUIRED: "all" });
  const begun = await api.post("/auth/login", { body: { email, password } });
  const cookie = `${(begun.setCookies[0] ?? "").split(";")[0]}; ${session}`;
  const body = { mfa_token: begun.json.data.mfa_token };
  const enrol = () => api.post("/auth/mfa/enrolment", { cookie, body });
  const confirmed = async () => {
    const { id, secret } = (await enrol()).json.data;
    const code = totpAt(secret, clock.now());
    return () => api.post(`/auth/mfa/enrolment/${id}/confirm`, { cookie, body: { ...body, code } });
  };
  return { enrol, confirmed };
}

/** The same by somebody whose token is none. */
const withoutToken =
  (path: string): Arrange =>
  (service) => {
    withSettings(service, { MFA_REQUIRED: "all" });
    return () => service.api.post(path, { body: { mfa_token: "x", ...(path.endsWith("confirm") && { code: "0" }) } });
  };

/** Asks for a code by mail, with the password shown or not. */
const mailCode =
  (isShown: boolean): Arrange =>
  async (service) => {
    withSettings(service, { MFA_EMAIL: "on" });
    const { challenge, askForCode } = createFactorCalls(service);
    const begun = await challenge((await owner(service)).email);
    return () => askForCode({ ...begun, ...(!isShown && { mfaToken: "x" }) });
  };

/** A sign-in with a passkey whose count has not run on. */
const copied: Arrange = async (service) => {
  const [{ challenge, verify: send }, { withPasskey, signInBy, shown }] = [
    createFactorCalls(service),
    createPasskeyCalls(service),
  ];
  const { device, email } = await owner(service);
  const { passkey } = await withPasskey(device, { doesCount: true });
  await signInBy(await shown({ passkey }, { count: 7 }));
  const begun = await challenge(email);
  const asked = { cookie: begun.cookie, body: { mfa_token: begun.mfaToken } };
  const { options } = (await service.api.post("/auth/mfa/passkey/options", asked)).json.data;
  return () => send(begun, { method: "passkey", credential: get(page, options, passkey, { count: 7 }) });
};

export const mfa: Scenarios = {
  "mfa-mail-code": { succeeds: [mailCode(true)], isRefused: [mailCode(false)] },
  "mfa-enrol": {
    succeeds: [async (service) => (await enrolling(service)).enrol],
    isRefused: [withoutToken("/auth/mfa/enrolment")],
  },
  "mfa-complete-enrolment": {
    succeeds: [async (service) => (await enrolling(service)).confirmed()],
    isRefused: [withoutToken(`/auth/mfa/enrolment/${anId}/confirm`)],
  },
  "mfa-factors": {
    succeeds: [
      async (service) => {
        const { device } = await owner(service);
        return () => service.api.get("/auth/mfa", { bearer: device.accessToken });
      },
    ],
    isRefused: [plain("GET", "/auth/mfa", { bearer: "forged" })],
  },
  "mfa-add-totp": {
    succeeds: [call("POST", () => "/auth/mfa/totp")],
    isRefused: [bare("POST", "/auth/mfa/totp")],
  },
  "mfa-confirm-totp": { succeeds: [confirm(true)], isRefused: [confirm(false)] },
  "mfa-rename-totp": {
    succeeds: [call("PATCH", ({ factorId }) => `/auth/mfa/totp/${factorId}`, { name: "Tablet" })],
    isRefused: [call("PATCH", () => `/auth/mfa/totp/${anId}`, { name: "Tablet" })],
  },
  "mfa-remove-totp": { succeeds: [remove], isRefused: [call("DELETE", () => `/auth/mfa/totp/${anId}`)] },
  "mfa-forget-device": {
    succeeds: [forget(true)],
    isRefused: [call("DELETE", () => `/auth/mfa/remembered-devices/${anId}`)],
  },
  "mfa-forget-devices": {
    succeeds: [forget(false)],
    isRefused: [bare("DELETE", "/auth/mfa/remembered-devices")],
  },
  "mfa-make-recovery-codes": {
    succeeds: [call("POST", () => "/auth/mfa/recovery-codes")],
    isRefused: [bare("POST", "/auth/mfa/recovery-codes")],
  },
  "mfa-passkey-options": {
    succeeds: [
      async (service) => {
        const { device, email } = await owner(service);
        await createPasskeyCalls(service).withPasskey(device);
        const { cookie, mfaToken } = await createFactorCalls(service).challenge(email);
        return () => service.api.post("/auth/mfa/passkey/options", { cookie, body: { mfa_token: mfaToken } });
      },
    ],
    isRefused: [plain("POST", "/auth/mfa/passkey/options", { body: { mfa_token: "x" } })],
  },
  "mfa-verify": {
    succeeds: [
      verify(async (service, person) => ({ ...createFactorCalls(service).totp(person), remember: true })),
      verify(async (service, person) => {
        const [code] = await createFactorCalls(service).recoveryCodes(person);
        return { method: "recovery", code };
      }),
    ],
    isRefused: [
      verify(async (service, person) => ({ method: "totp", code: createFactorCalls(service).wrongCode(person) })),
      copied,
      plain("POST", "/auth/mfa/verify", { body: { mfa_token: "x", method: "totp", code: "000000" } }),
    ],
  },
};
