import { app, type InvocationContext, type Timer } from "@azure/functions";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startHost } from "./start-host.ts";

const START = new Date("2026-11-22T10:00:00.500Z");

beforeEach(() => {
  vi.useFakeTimers({ now: START, toFake: ["Date", "setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
});

const at = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1000);

describe("a timer on the local host", () => {
  test("is called at each instant of its schedule with what Azure passes", async () => {
    const calls: [Timer, string][] = [];
    const handler = (timer: Timer, { functionName }: InvocationContext) => void calls.push([timer, functionName]);
    await startHost(() => app.timer("hourly", { schedule: "0 0 * * * *", handler }));
    await at(3599);
    expect(calls).toEqual([]);
    await at(2);
    await at(3600);
    const expected = (last: string, next: string) => ({
      schedule: { adjustForDST: true },
      scheduleStatus: { last, next, lastUpdated: last },
      isPastDue: false,
    });
    expect(calls).toEqual([
      [expected("0001-01-01T00:00:00+00:00", "2026-11-22T11:00:00+00:00"), "hourly"],
      [expected("2026-11-22T11:00:00+00:00", "2026-11-22T12:00:00+00:00"), "hourly"],
    ]);
  });

  test("that is due every few seconds, or says useMonitor: false, has no schedule status", async () => {
    const statuses: unknown[] = [];
    const handler = ({ scheduleStatus }: Timer) => void statuses.push(scheduleStatus);
    await startHost(() => {
      app.timer("frequent", { schedule: "*/30 * * * * *", handler });
      app.timer("unmonitored", { schedule: "0 * * * * *", useMonitor: false, handler });
    });
    await at(61);
    expect(statuses).toEqual([null, null, null]);
  });

  test("with runOnStartup is called at once and then on schedule", async () => {
    const handler = vi.fn<() => void>();
    await startHost(() => app.timer("eager", { schedule: "0 0 * * * *", runOnStartup: true, handler }));
    await at(0);
    expect(handler).toHaveBeenCalledTimes(1);
    await at(3600);
    expect(handler).toHaveBeenCalledTimes(2);
  });

  test("whose call outlasts the next instants is called at the first after it", async () => {
    let end: (() => void) | undefined;
    const handler = vi.fn<() => Promise<void>>(() => new Promise<void>((resolve) => (end = resolve)));
    await startHost(() => app.timer("slow", { schedule: "* * * * * *", handler }));
    await at(1);
    await at(5);
    expect(handler).toHaveBeenCalledTimes(1);
    end?.();
    await at(1);
    expect(handler).toHaveBeenCalledTimes(2);
    end?.();
  });

  test("whose call fails is logged in one line and called again", async () => {
    const handler = vi.fn<() => Promise<void>>(() => Promise.reject(new Error("broken")));
    const host = await startHost(() => app.timer("failing", { schedule: "* * * * * *", handler }));
    await at(2);
    expect(handler).toHaveBeenCalledTimes(2);
    expect(host.lines).toEqual(Array(2).fill(expect.stringContaining('The function "failing" failed: broken')));
  });

  test("is never called when the host was started without timers, nor after it closed", async () => {
    const handler = vi.fn<() => void>();
    await startHost(() => app.timer("off", { schedule: "* * * * * *", handler }), { timers: false });
    const host = await startHost(() => app.timer("closed", { schedule: "* * * * * *", handler }));
    await host.close();
    await at(5);
    expect(handler).not.toHaveBeenCalled();
  });

  test("has the call in flight awaited when the host closes", async () => {
    let end: (() => void) | undefined;
    const host = await startHost(() =>
      app.timer("awaited", { schedule: "* * * * * *", handler: () => new Promise<void>((resolve) => (end = resolve)) }),
    );
    await at(1);
    const closed = vi.fn<() => void>();
    const closing = host.close().then(closed);
    await at(2);
    expect(closed).not.toHaveBeenCalled();
    end?.();
    await closing;
    expect(closed).toHaveBeenCalled();
  });

  test("reads its schedule from the setting that %NAME% names", async () => {
    vi.stubEnv("TEST_SCHEDULE", "* * * * * *");
    const handler = vi.fn<() => void>();
    await startHost(() => app.timer("named", { schedule: "%TEST_SCHEDULE%", handler }));
    vi.unstubAllEnvs();
    await at(1);
    expect(handler).toHaveBeenCalledTimes(1);
  });
});
