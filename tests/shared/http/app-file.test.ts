import { rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { appFile } from "../../../shared/http/app-file.ts";
import { whenDone } from "../../support/when-done.ts";

test("a file that could not be read is tried again, and one that was is read once", async () => {
  const name = `node_modules/.app-file-${process.pid}.txt`;
  const file = appFile(name, (text) => text.toUpperCase());
  await expect(file()).rejects.toThrow("ENOENT");
  writeFileSync(name, "found");
  whenDone(() => rmSync(name, { force: true }));
  const first = await file();
  expect(first).toEqual({ text: "FOUND" });
  expect(await file()).toBe(first);
});
