import { expect, test } from "vitest";
import { createTurns } from "../../../../shared/mail/delivery/turns.ts";

test("work is done one after the other, in order, also after a failure", async () => {
  const inTurn = createTurns(600_000);
  let running = 0;
  const done: number[] = [];
  let most = 0;
  const work = (number: number) =>
    inTurn(async () => {
      most = Math.max(most, (running += 1));
      await new Promise(setImmediate);
      running -= 1;
      done.push(number);
      if (number === 1) throw new Error("refused");
    });
  await Promise.allSettled([0, 1, 2, 3].map(work));
  expect(most).toBe(1);
  expect(done).toEqual([0, 1, 2, 3]);
});

test("work that takes too long lets the next begin", async () => {
  const inTurn = createTurns(5);
  const { promise, resolve } = Promise.withResolvers<void>();
  const slow = inTurn(() => promise);
  await inTurn(async () => undefined);
  resolve();
  await slow;
});
