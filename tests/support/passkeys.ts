import { expect } from "vitest";
import type { ApiAnswer } from "./api.ts";
import { newDevice, type Device } from "./people.ts";
import { createFactorCalls } from "./second-factors.ts";
import type { TestService } from "./service.ts";
import { create, get, type Credential, type Making, type Twist } from "./webauthn.ts";

/** Where the tests' browsers are: an origin of the tests' settings. */
export const page = "http://localhost:3000";

/** A person whose account has a passkey. */
export interface PasskeyOwner {
  readonly email: string;
  /** The session that has added it. */
  readonly device: Device;
  readonly passkeyId: string;
  readonly passkey: Credential;
}

/** What people do with passkeys, at a service. */
export function createPasskeyCalls(service: Pick<TestService, "api" | "clock" | "services">) {
  const { api } = service;
  const { send, provenPerson } = createFactorCalls(service);

  const begin = (device: Device, body: object = {}) => send("POST", "/auth/passkeys/options", device, body);

  const add = (device: Device, credential: object, body: object = {}) =>
    send("POST", "/auth/passkeys", device, { credential, ...body });

  /** What the browser of a session makes. */
  async function make(device: Device, making: Making = {}, body: object = {}) {
    const begun = await begin(device, body);
    expect(begun.status).toBe(200);
    return create(page, begun.json.data.options, making);
  }

  /** Adds a passkey, which must succeed. */
  async function withPasskey(device: Device, making: Making = {}): Promise<PasskeyOwner> {
    const { made: passkey, credential } = await make(device, making);
    const added = await add(device, credential, { name: "Laptop" });
    expect([added.status, added.json.error_code]).toEqual([200, undefined]);
    const { id: passkeyId } = added.json.data.passkeys.at(-1);
    return { email: device.email, device, passkeyId, passkey };
  }

  /** A new person with a passkey. */
  const passkeyOwner = async (making: Making = {}) => withPasskey(await provenPerson(), making);

  /** Options for signing in, which anybody gets. */
  async function challenge(): Promise<{ options: { rpId: string; challenge: string }; challenge_id: string }> {
    const begun = await api.post("/auth/passkeys/sign-in/options");
    expect(begun.status).toBe(200);
    return begun.json.data;
  }

  /** What the owner's browser sends to sign in. */
  async function shown({ passkey }: Pick<PasskeyOwner, "passkey">, twist: Twist = {}) {
    const { options, challenge_id } = await challenge();
    return { challenge_id, credential: get(page, options, passkey, twist) };
  }

  /** What the owner's browser shows as the second factor of a sign-in. */
  async function second({ cookie, mfaToken }: { cookie: string; mfaToken: string }, passkey: Credential) {
    const begun = await api.post("/auth/mfa/passkey/options", { cookie, body: { mfa_token: mfaToken } });
    expect(begun.status).toBe(200);
    return { method: "passkey", credential: get(page, begun.json.data.options, passkey) };
  }

  const signInBy = (body: object, cookie?: string): Promise<ApiAnswer> =>
    api.post("/auth/passkeys/sign-in", { body, ...(cookie !== undefined && { cookie }) });

  const list = ({ accessToken: bearer }: Device) => api.get("/auth/passkeys", { bearer });

  return {
    send,
    provenPerson,
    newDevice: () => newDevice(api),
    begin,
    add,
    make,
    withPasskey,
    passkeyOwner,
    challenge,
    shown,
    second,
    signInBy,
    list,
  };
}
