import { expect } from "vitest";
import { totpAt } from "../../shared/mfa/totp.ts";
import type { Api, ApiAnswer, ApiRequest } from "./api.ts";
import { newDevice, password, type Device } from "./people.ts";
import { latestMail } from "./mails.ts";
import type { TestService } from "./service.ts";

/** A person whose account has an authenticator app. */
export interface Protected {
  readonly email: string;
  /** The session that has added the app. */
  readonly device: Device;
  readonly factorId: string;
  readonly secret: string;
}

/** A sign-in that waits for its second factor. */
export interface Challenged {
  readonly answer: ApiAnswer;
  readonly mfaToken: string;
  /** The cookie of the device that may go on. */
  readonly cookie: string;
}

/** What people do with second factors, at a service. */
export function createFactorCalls({ api, clock, services }: Pick<TestService, "api" | "clock" | "services">) {
  const send = (method: string, path: string, { accessToken: bearer, cookie }: Device, body: object = {}) =>
    api.send(method, path, { bearer, cookie, body });

  /** Begins to add an app. */
  const addApp = (device: Device, body: object = {}) => send("POST", "/auth/mfa/totp", device, body);

  const confirmApp = (device: Device, id: string, code: string) =>
    send("POST", `/auth/mfa/totp/${id}/confirm`, device, { code });

  /** Follows the link of the mail that an address got. */
  async function prove(email: string): Promise<string> {
    const { token } = (await latestMail(services, "verify_email", email)).data;
    expect((await api.post("/auth/email/verify", { body: { token } })).status).toBe(200);
    return email;
  }

  /** A new person who has proven their address. */
  async function provenPerson(): Promise<Device> {
    const device = await newDevice(api);
    await prove(device.email);
    return device;
  }

  /** Adds an app, which must succeed. */
  async function withApp(device: Device): Promise<Protected> {
    const added = await addApp(device, { name: "Phone" });
    expect(added.status).toBe(200);
    const { id: factorId, secret } = added.json.data;
    expect((await confirmApp(device, factorId, totpAt(secret, clock.now()))).status).toBe(200);
    return { email: device.email, device, factorId, secret };
  }

  /** A new person with an app, a minute after its first code was used. */
  async function protectedPerson(): Promise<Protected> {
    const person = await withApp(await provenPerson());
    clock.advance(60);
    return person;
  }

  /** Makes recovery codes, which must succeed. */
  async function recoveryCodes({ device }: Protected): Promise<string[]> {
    const made = await send("POST", "/auth/mfa/recovery-codes", device);
    expect(made.status).toBe(200);
    return made.json.data.codes;
  }

  /** Shows the password, which must lead to a challenge. */
  async function challenge(email: string, request: ApiRequest = {}): Promise<Challenged> {
    const answer = await api.post("/auth/login", { ...request, body: { email, password } });
    expect([answer.status, answer.json.data.mfa_required]).toEqual([200, true]);
    const [set = ""] = answer.setCookies;
    return { answer, mfaToken: answer.json.data.mfa_token, cookie: set.split(";")[0] ?? "" };
  }

  /** Goes on with a code. */
  const verify = ({ mfaToken, cookie }: Challenged, body: object, at: Api = api) =>
    at.post("/auth/mfa/verify", { cookie, body: { mfa_token: mfaToken, ...body } });

  /** Asks for a code by mail. */
  const askForCode = ({ mfaToken, cookie }: Challenged) =>
    api.post("/auth/mfa/email", { cookie, body: { mfa_token: mfaToken } });

  /** The code of a mail, which must be on its way. */
  async function mailedCode(begun: Challenged, email: string): Promise<string> {
    expect((await askForCode(begun)).status).toBe(202);
    return (await latestMail(services, "sign_in_code", email)).data.code;
  }

  /** The code that an app shows now. */
  const codeOf = ({ secret }: Pick<Protected, "secret">) => totpAt(secret, clock.now());

  const totp = (person: Pick<Protected, "secret">) => ({ method: "totp", code: codeOf(person) });

  /** A code that no step around now has. */
  function wrongCode({ secret }: Pick<Protected, "secret">): string {
    const at = (offset: number) => new Date(clock.now().getTime() + 1000 * offset);
    const near = new Set([-60, -30, 0, 30, 60].map((offset) => totpAt(secret, at(offset))));
    return ["000000", "000001", "000002", "000003", "000004", "000005"].find((code) => !near.has(code)) ?? "";
  }

  return {
    send,
    prove,
    provenPerson,
    addApp,
    confirmApp,
    withApp,
    protectedPerson,
    recoveryCodes,
    challenge,
    verify,
    askForCode,
    mailedCode,
    codeOf,
    totp,
    wrongCode,
  };
}
