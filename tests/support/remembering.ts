import { expect } from "vitest";
import type { ApiAnswer } from "./api.ts";
import { claimsOf } from "./clients.ts";
import { password, toDevice, type Device } from "./people.ts";
import { createFactorCalls, type Protected } from "./second-factors.ts";
import type { TestService } from "./service.ts";

/** A person with an authenticator app, and a device of theirs that is remembered. */
export interface Remembering extends Omit<Protected, "device"> {
  readonly accountId: string;
  /** The session that began there. */
  readonly session: Device;
  /** The cookies by which the device is recognised and remembered, each as `name=value`. */
  readonly device: string;
  readonly remember: string;
  /** Both. */
  readonly cookies: string;
}

/** The cookie by which an answer lets a device be remembered, as `name=value`. */
export const rememberCookieOf = ({ setCookies }: ApiAnswer): string => pairOf(setCookies, "mfa_remembered=");

const pairOf = (setCookies: readonly string[], name: string) =>
  setCookies.find((set) => set.includes(name))?.split(";")[0] ?? "";

interface Wanted {
  /** The device, as its cookie; a new one unless given. */
  readonly on?: string;
  /** Whose it is to be; a new person's unless given. */
  readonly of?: Remembering;
  readonly headers?: Record<string, string>;
}

/** What people do on remembered devices, at a service. */
export function createRemembering(service: Pick<TestService, "api" | "clock" | "services">) {
  const { api, clock } = service;
  const { protectedPerson, totp } = createFactorCalls(service);

  /** Signs in with a second factor on a device that is to be remembered. */
  async function remembered({ on = "", of, headers = {} }: Wanted = {}): Promise<Remembering> {
    const { email, secret, factorId } = of ?? (await protectedPerson());
    // Each code works once.
    clock.advance(60);
    const begun = await api.post("/auth/login", { headers, cookie: on, body: { email, password } });
    const device = pairOf(begun.setCookies, "latchkey_device=");
    const shown = { mfa_token: begun.json.data.mfa_token, ...totp({ secret }), remember: true };
    const answer = await api.post("/auth/mfa/verify", { headers, cookie: device, body: shown });
    expect(answer.status).toBe(200);
    const [session, remember] = [toDevice(email, answer), rememberCookieOf(answer)];
    const { sub: accountId } = claimsOf(session.accessToken);
    return { email, secret, factorId, accountId, session, device, remember, cookies: `${device}; ${remember}` };
  }

  /** Shows the password on the device. */
  const login = ({ email, cookies: cookie }: Pick<Remembering, "email" | "cookies">, typed = password) =>
    api.post("/auth/login", { cookie, body: { email, password: typed } });

  return { remembered, login };
}
