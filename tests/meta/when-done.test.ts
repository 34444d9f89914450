import { beforeAll, describe, expect, test } from "vitest";
import { endFile, whenDone } from "../support/when-done.ts";

const done: string[] = [];

describe("what is to be done in the end", () => {
  beforeAll(() => {
    whenDone(() => done.push("asked for first"));
    whenDone(() => done.push("asked for last"));
  });

  test("of a test is done after it", () => {
    whenDone(() => done.push("of a test"));
    expect(done).toEqual([]);
  });

  test("of a hook is done once, with the file, in reverse order", async () => {
    expect(done).toEqual(["of a test"]);
    await endFile();
    await endFile();
    expect(done).toEqual(["of a test", "asked for last", "asked for first"]);
  });
});
