import { rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { packageFile } from "../../../shared/http/package-file.ts";
import { whenDone } from "../../support/when-done.ts";

test("a file that could not be read is tried again, and one that was is read once", async () => {
  const name = `.package-file-${process.pid}.txt`;
  const file = packageFile(name, (text) => text.toUpperCase());
  await expect(file()).rejects.toThrow("ENOENT");
  writeFileSync(`node_modules/${name}`, "found");
  whenDone(() => rmSync(`node_modules/${name}`, { force: true }));
  const first = await file();
  expect(first).toEqual({ text: "FOUND" });
  expect(await file()).toBe(first);
});
