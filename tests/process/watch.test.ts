import { afterEach, describe, expect, test, vi } from "vitest";
import { answers } from "../../tools/local-host/port.ts";
import { findFreePort } from "../../tools/free-port.ts";
import { constantFunction, createApp, writeFiles } from "./app-folder.ts";
import { runTool, type RunningTool } from "./run-tool.ts";

let tool: RunningTool | undefined;

afterEach(async () => {
  tool?.kill("SIGTERM");
  await tool?.ended;
});

describe("npm run dev", () => {
  test("serves the app anew after a change, the last good one while it does not build, and ends with 0", async () => {
    const port = await findFreePort();
    const root = await createApp({ "functions/hello.ts": constantFunction("hello", "one") });
    const settings = { "local.settings.json": `{ "Values": { "PORT": "${port}", "WORD": "first" } }` };
    await writeFiles(root, settings);
    tool = runTool("tools/start.ts", { cwd: root, args: ["--watch"] });
    const serves = (text: string) =>
      vi.waitFor(async () => expect(await (await fetch(`http://127.0.0.1:${port}/hello`)).text()).toBe(text), 110_000);
    await serves("one");

    await writeFiles(root, { "functions/hello.ts": constantFunction("hello", "two") });
    await serves("two");

    await writeFiles(root, { "functions/hello.ts": "export const x = ;" });
    await tool.printed("The build failed: functions/hello.ts:1:17");
    await serves("two");

    const word = constantFunction("hello", "").replace('""', "process.env.WORD");
    await writeFiles(root, { "functions/hello.ts": word });
    await serves("first");

    await writeFiles(root, { "local.settings.json": settings["local.settings.json"].replace("first", "second") });
    await serves("second");

    tool.kill("SIGINT");
    expect((await tool.ended).code).toBe(0);
    expect(await answers(port)).toBe(false);
  });

  test("with a port that is taken says so and ends with 1", async () => {
    const port = await findFreePort();
    const root = await createApp({ "functions/hello.ts": constantFunction("hello", "one") });
    tool = runTool("tools/start.ts", { cwd: root, args: ["--watch"], env: { PORT: `${port}` } });
    await tool.printed("Serving");
    const second = await runTool("tools/start.ts", { cwd: root, args: ["--watch"], env: { PORT: `${port}` } }).ended;
    expect(second).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Port \d+ is taken/) });
  });
});
