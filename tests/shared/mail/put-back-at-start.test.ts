import { expect, test, vi } from "vitest";
import { createMail } from "../../../shared/mail/mail.ts";
import { addSeconds } from "../../../shared/platform/clock.ts";
import { createTestClock } from "../../support/clock.ts";
import { whenDone } from "../../support/when-done.ts";

test("a process looks for lost mails when it starts, and once again for those posted just before", async () => {
  const clock = createTestClock();
  const sent: string[] = [];
  const queues = { ping: async () => undefined, send: async (_queue: string, text: string) => void sent.push(text) };
  const looks: unknown[] = [];
  const takeOverdue = async (overdue: { readonly dueBy: Date }) => {
    looks.push(overdue.dueBy);
    return [`mail ${looks.length}`];
  };
  const mail = createMail({ queues, outbox: { takeOverdue }, secondLookMilliseconds: 5 });
  whenDone(() => mail.close());
  mail.putBackAtStart(clock);
  await vi.waitFor(() => expect(sent).toEqual(["mail 1", "mail 2"]));
  expect(looks).toEqual([addSeconds(clock.now(), -30), addSeconds(clock.now(), -30)]);
});
