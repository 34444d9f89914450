import { expect, test, vi } from "vitest";
import { createHandOver, type HandOverOptions } from "../../../../shared/mail/delivery/hand-over.ts";
import { whenDone } from "../../../support/when-done.ts";

/** A queue that can be away. */
function unreliableQueue(options: HandOverOptions = {}) {
  const state = { isAway: false, tries: 0 };
  const taken: [string, number][] = [];
  const send = async (text: string, delaySeconds: number) => {
    state.tries += 1;
    if (state.isAway) throw new Error("ECONNREFUSED");
    taken.push([text, delaySeconds]);
  };
  const handOver = createHandOver(send, { firstPauseMilliseconds: 5, ...options });
  whenDone(() => handOver.close());
  const give = (key: string, delaySeconds = 0) => handOver.give({ key, text: `text of ${key}`, delaySeconds });
  return { handOver, give, state, taken };
}

test("a message goes to the queue with its delay", async () => {
  const { give, taken } = unreliableQueue();
  await give("one", 60);
  expect(taken).toEqual([["text of one", 60]]);
});

test("while the queue is away, nobody waits for it: the first call finds out, the others do not try", async () => {
  const { give, state } = unreliableQueue({ firstPauseMilliseconds: 600_000 });
  state.isAway = true;
  for (const key of ["one", "two", "three"]) await give(key);
  expect(state.tries).toBe(1);
});

test("what was kept follows once the queue answers, each once and the latest of its key, with what is left of its delay", async () => {
  const { give, state, taken } = unreliableQueue();
  state.isAway = true;
  for (let number = 0; number < 50; number += 1) await give(`key ${number}`, 60);
  await give("key 7", 0);
  state.isAway = false;
  await vi.waitFor(() => expect(taken).toHaveLength(50));
  expect(new Set(taken.map(([text]) => text)).size).toBe(50);
  expect(taken.find(([text]) => text === "text of key 7")?.[1]).toBe(0);
  expect(taken.find(([text]) => text === "text of key 8")?.[1]).toBeGreaterThan(50);
  await give("later");
  expect(taken.at(-1)).toEqual(["text of later", 0]);
});

test("a queue that goes away again while it gets what was kept loses nothing", async () => {
  const { give, state, taken } = unreliableQueue();
  state.isAway = true;
  for (let number = 0; number < 40; number += 1) await give(`key ${number}`);
  state.isAway = false;
  await vi.waitFor(() => expect(taken.length).toBeGreaterThan(0));
  state.isAway = true;
  await give("the last");
  state.isAway = false;
  await vi.waitFor(() => expect(new Set(taken.map(([text]) => text)).size).toBe(41));
});

test("only so many are kept, the latest", async () => {
  const { give, state, taken } = unreliableQueue({ capacity: 3 });
  state.isAway = true;
  for (const key of ["a", "b", "c", "d", "e"]) await give(key);
  state.isAway = false;
  await vi.waitFor(() => expect(taken).toHaveLength(3));
  expect(taken.map(([text]) => text)).toEqual(["text of c", "text of d", "text of e"]);
});
