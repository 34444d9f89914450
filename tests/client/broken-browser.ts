import { vi } from "vitest";
import type { ClientOptions } from "../../client/src/index.ts";
import { home } from "../support/social.ts";
import { createStorage } from "./device.ts";

// What a browser may lack, block or throw. Each of `dispensable` and `needed` breaks the browser of this process until `mend`.

const undoing: (() => void)[] = [];

/** Makes the browser whole again. */
export function mend(): void {
  vi.unstubAllGlobals();
  for (const undo of undoing.splice(0)) undo();
}

const refuse = () => {
  throw new DOMException("The operation is insecure.", "SecurityError");
};
const reject = () => Promise.reject(new DOMException("Access is denied.", "SecurityError"));
const blocked = (name: string) => () => {
  const whole = Object.getOwnPropertyDescriptor(globalThis, name);
  undoing.push(() => {
    if (whole) Object.defineProperty(globalThis, name, whole);
    else Reflect.deleteProperty(globalThis, name);
  });
  Object.defineProperty(globalThis, name, { get: refuse, configurable: true });
};
const missing = (name: string) => () => void vi.stubGlobal(name, undefined);
const being = (name: string, value: unknown) => () => void vi.stubGlobal(name, value);

function muteChannel() {
  return { addEventListener: () => {}, postMessage: refuse, close: () => {} };
}
const { crypto } = globalThis;

/** What a browser may lack, block or break: the client works without. */
export const dispensable: Record<string, () => void> = {
  "no navigator": missing("navigator"),
  "navigator throws": blocked("navigator"),
  "no Web Locks": being("navigator", {}),
  "Web Locks reject": being("navigator", { locks: { request: reject } }),
  "Web Locks throw": being("navigator", { locks: { request: refuse } }),
  "Web Locks answer, and never call": being("navigator", { locks: { request: async () => undefined } }),
  "no AbortSignal.timeout": being(
    "AbortSignal",
    Object.assign(() => {}, { timeout: undefined }),
  ),
  "no BroadcastChannel": missing("BroadcastChannel"),
  "BroadcastChannel throws when named": blocked("BroadcastChannel"),
  "BroadcastChannel throws when made": being("BroadcastChannel", refuse),
  "BroadcastChannel throws when used": being("BroadcastChannel", muteChannel),
  "no events": missing("addEventListener"),
  "events throw": being("addEventListener", refuse),
  "no history": missing("history"),
};

/** What only some of it needs. */
export const needed: Record<string, () => void> = {
  "no Web Crypto": missing("crypto"),
  "Web Crypto throws": blocked("crypto"),
  "no crypto.subtle, as over plain http": being("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) }),
  "no random numbers": being("crypto", { subtle: crypto.subtle, getRandomValues: refuse }),
  "no location": missing("location"),
  "location throws": blocked("location"),
  "location may not be left": being("location", Object.assign(new URL(home), { assign: refuse })),
  "no TextEncoder": missing("TextEncoder"),
  "no btoa": missing("btoa"),
};

/** Storages that break, lie or hold nothing. */
export const storages: Record<string, () => NonNullable<ClientOptions["storage"]>> = {
  "throws when opened": () => refuse,
  "is none": () => () => undefined as never,
  "throws when read": () => ({ ...createStorage().storage, getItem: refuse }),
  "rejects when read": () => ({ ...createStorage().storage, getItem: reject }),
  "throws when written": () => ({ ...createStorage().storage, setItem: refuse }),
  "rejects when written": () => ({ ...createStorage().storage, setItem: reject }),
  "throws when emptied": () => ({ ...createStorage().storage, removeItem: refuse }),
  "throws whatever is done": () => ({ getItem: refuse, setItem: refuse, removeItem: refuse }),
  "takes nothing": () => ({ getItem: () => null, setItem: () => {}, removeItem: () => {} }),
  "gives numbers": () => ({ getItem: () => 7 as never, setItem: () => {}, removeItem: () => {} }),
  "gives objects": () => ({ getItem: async () => ({}) as never, setItem: () => {}, removeItem: () => {} }),
  "gives somebody's text": () => ({ getItem: () => "[1, null]", setItem: () => {}, removeItem: () => {} }),
  "gives an empty text": () => ({ getItem: () => "", setItem: () => {}, removeItem: () => {} }),
};
