import { afterAll, beforeAll, onTestFinished, TestRunner } from "vitest";

const limitMilliseconds = 60_000;

/** What hooks have asked for: a hook that runs can no longer add one to its file. */
const untilEnd: (() => Promise<void>)[] = [];
let isRunning = false;

/**
 * Runs `work` after the test that asks for it; asked outside of any, after the tests of the file. The last that was asked for
 * comes first.
 */
export function whenDone(work: () => unknown): void {
  const run = async () => void (await work());
  if (TestRunner.getCurrentTest()) onTestFinished(run, limitMilliseconds);
  else if (isRunning) untilEnd.push(run);
  else afterAll(run, limitMilliseconds);
}

/** Lets hooks of the file that begins ask, too. For the setup alone. */
export function beginFile(): void {
  isRunning = false;
  beforeAll(() => void (isRunning = true));
  afterAll(endFile, limitMilliseconds);
}

/** Runs what the file's hooks have asked for. */
export async function endFile(): Promise<void> {
  for (const run of untilEnd.splice(0).toReversed()) await run();
}
