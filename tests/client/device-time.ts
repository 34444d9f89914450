import { afterEach, beforeEach, expect, vi } from "vitest";
import { password, registerPerson } from "../support/people.ts";
import type { TestService } from "../support/service.ts";
import { createDevice } from "./device.ts";

/** Makes the device's clock and timers the test's; the service has a clock of its own, and the network takes its time. */
export function controlDeviceTime({ api, url }: TestService) {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] }));
  afterEach(() => void vi.useRealTimers());
  let isUnderWay = () => false;

  /** Lets the device's time pass, slowly enough for the network, whose time is real. */
  async function pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= 5000) {
      await vi.advanceTimersByTimeAsync(Math.min(left, 5000));
      const since = performance.now();
      for (let turn = 0; turn < 20 || (isUnderWay() && performance.now() - since < 5000); turn += 1)
        await new Promise((resolve) => setImmediate(resolve));
    }
  }

  return {
    pass,
    /** Lets time pass until `isSo`: a minute, and longer where the machine itself is busy with what has no timer. */
    async until(isSo: () => boolean): Promise<void> {
      const since = performance.now();
      for (let turn = 0; (turn < 6000 || performance.now() - since < 10_000) && !isSo(); turn += 1) await pass(10);
      expect(isSo()).toBe(true);
    },
    /** A device on which somebody new is signed in. */
    async signedIn() {
      const device = createDevice(url);
      isUnderWay = () => device.underWay > 0;
      const client = device.open();
      const email = await registerPerson(api);
      await client.login({ email, password });
      return { device, client, email };
    },
  };
}
