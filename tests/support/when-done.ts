import { afterAll, onTestFinished, TestRunner } from "vitest";

const limitMilliseconds = 60_000;

/**
 * Runs `work` after the test that asks for it; asked outside of any, after the tests of the file. The last that was asked for
 * comes first.
 */
export function whenDone(work: () => unknown): void {
  const run = async () => void (await work());
  if (TestRunner.getCurrentTest()) onTestFinished(run, limitMilliseconds);
  else afterAll(run, limitMilliseconds);
}
