import type { SignIn } from "./api.ts";
import type { Store } from "./storage.ts";

/**
 * By the first the service knows a device again, by the second it asks for no second factor there. They outlive
 * sessions, as the service's cookies do in browsers.
 */
const kept = ["device_id", "remember_token"] as const;

/** What is undefined is not sent. */
type Device = { [Name in (typeof kept)[number]]?: string | undefined };

/** What a sign-in sends along; nothing before the first one. @param path only first factors take the second */
export async function readDevice(store: Store, path: string): Promise<Device> {
  const device: Device = { device_id: await store.read("latchkey.device_id") };
  if (/login|oauth/.test(path)) device.remember_token = await store.read("latchkey.remember_token");
  return device;
}

/** @param answer of a sign-in */
export async function keepDevice(store: Store, answer: SignIn): Promise<void> {
  for (const name of kept) if (answer[name]) await store.write(`latchkey.${name}`, answer[name]);
}
