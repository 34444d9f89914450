import type { SignIn } from "./api.ts";
import type { Store } from "./storage.ts";

const key = "latchkey.device_id";

/** By this the service knows a device again. It outlives sessions, as the service's cookie does in browsers. */
interface Device {
  readonly device_id?: string;
}

/** What a sign-in sends along; nothing before the first one. */
export async function readDevice(store: Store): Promise<Device> {
  const id = await store.read(key);
  return id === undefined ? {} : { device_id: id };
}

/** @param answer of a sign-in */
export async function keepDevice(store: Store, answer: SignIn): Promise<void> {
  if (answer.device_id !== undefined) await store.write(key, answer.device_id);
}
