import { describe, expect, test, vi } from "vitest";
import { createReminder, deliverHere } from "../../../../shared/audit/anchors/reminder.ts";
import { addSeconds } from "../../../../shared/platform/clock.ts";
import { createTestClock } from "../../../support/clock.ts";

function start() {
  const clock = createTestClock();
  const sent: { until: Date; seconds: number }[] = [];
  const queue = { isAway: false };
  const deliver = async (until: Date, seconds: number) => {
    if (queue.isAway) throw new Error("the queue is away");
    sent.push({ until, seconds });
  };
  return { clock, sent, queue, reminder: createReminder(deliver, { seconds: 300, clock }) };
}

describe("19.3 a process whose events are kept", () => {
  test("sends one reminder in five minutes, for the end of them, however many events there are", async () => {
    const { clock, sent, reminder } = start();
    const first = addSeconds(clock.now(), 300);
    for (let count = 0; count < 300; count += 1) {
      reminder.remind();
      clock.advance(1);
    }
    await expect.poll(() => sent).toEqual([{ until: first, seconds: 300 }]);
    reminder.remind();
    await expect.poll(() => sent).toHaveLength(2);
  });

  test("without events sends none", async () => {
    const { clock, sent } = start();
    clock.advance(86_400);
    await vi.waitFor(() => expect(sent).toEqual([]));
  });

  test("and whose queue is away goes on; a later event tries again, not each of them", async () => {
    const log = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const { clock, sent, queue, reminder } = start();
    queue.isAway = true;
    for (let count = 0; count < 100; count += 1) reminder.remind();
    const told = () => log.mock.calls.flat().filter((line) => String(line).includes("audit.not_reminded"));
    await expect.poll(told).toHaveLength(1);
    queue.isAway = false;
    for (let count = 0; count < 100; count += 1) reminder.remind();
    clock.advance(10);
    reminder.remind();
    await expect.poll(() => sent).toHaveLength(1);
    expect(told()).toHaveLength(1);
    log.mockRestore();
  });

  test("and whose clock is put back is not silent until that has caught up", async () => {
    const { clock, sent, reminder } = start();
    reminder.remind();
    clock.advance(-3600);
    reminder.remind();
    reminder.remind();
    await expect.poll(() => sent.length).toBe(2);
  });

  test("and is closing sends none", async () => {
    const { sent, reminder } = start();
    reminder.close();
    reminder.remind();
    await vi.waitFor(() => expect(sent).toEqual([]));
  });
});

test("19.3 without a queue, a process reminds itself, until it closes", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  try {
    const read = vi.fn<(until: Date) => Promise<void>>(async () => undefined);
    const here = deliverHere(read);
    const until = new Date(0);
    await here(until, 300);
    vi.advanceTimersByTime(299_999);
    expect(read).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(read).toHaveBeenCalledExactlyOnceWith(until);
    await here(until, 300);
    here.close();
    vi.advanceTimersByTime(600_000);
    expect(read).toHaveBeenCalledTimes(1);
  } finally {
    vi.useRealTimers();
  }
});
