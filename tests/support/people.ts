import { expect } from "vitest";
import type { Api, ApiAnswer } from "./api.ts";

export const password = "correct horse battery";

let count = 0;

/** Registers a new person. @returns their address */
export async function registerPerson(api: Api, overrides: Record<string, unknown> = {}): Promise<string> {
  count += 1;
  const email = `person${count}@example.com`;
  const answer = await api.post("/auth/register", {
    body: { email, username: `Person ${count}`, password, ...overrides },
  });
  expect(answer.status).toBe(201);
  return email;
}

/** A signed-in device. */
export interface Device {
  readonly email: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly cookie: string;
}

export const cookieName = "refresh_token";

/** Signs in on a new device, by the cookie. */
export async function signIn(api: Api, email: string): Promise<Device> {
  const answer = await api.post("/auth/login", { body: { email, password } });
  expect(answer.status).toBe(200);
  return toDevice(email, answer);
}

/** Registers a new person and signs them in. */
export async function newDevice(api: Api): Promise<Device> {
  return signIn(api, await registerPerson(api));
}

/** What a sign-in or a refresh by the cookie has left on the device. */
export function toDevice(email: string, answer: ApiAnswer): Device {
  const cookie = answer.cookie ?? "";
  return {
    email,
    accessToken: answer.json.data.access_token,
    refreshToken: cookie.slice(cookieName.length + 1),
    cookie,
  };
}

/** What a device's refresh cookie yields, whatever the answer. */
export function refresh(api: Api, cookie: string): Promise<ApiAnswer> {
  return api.post("/auth/refresh", { cookie });
}

/** Refreshes, which must succeed. @returns the device with its new tokens */
export async function refreshed(api: Api, device: Device): Promise<Device> {
  const answer = await refresh(api, device.cookie);
  expect(answer.status).toBe(200);
  return toDevice(device.email, answer);
}

/** What `GET /auth/me` answers a device: 200 while it is signed in. */
export async function meStatus(api: Api, device: Device): Promise<number> {
  return (await api.get("/auth/me", { bearer: device.accessToken })).status;
}
