import { createServer } from "node:http";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { answers } from "../../tools/local-host/port.ts";
import { azuriteConnection } from "../local-host/azurite-connection.ts";
import { findFreePort } from "../../tools/free-port.ts";
import { constantFunction, createApp, writeFiles } from "./app-folder.ts";
import { runTool, type RunningTool } from "./run-tool.ts";

const running = new Set<RunningTool>();

afterEach(async () => {
  for (const tool of running) tool.kill("SIGTERM");
  await Promise.all([...running].map((tool) => tool.ended));
  running.clear();
});

const start = (cwd: string, env: Record<string, string> = {}, args: string[] = []) => {
  const tool = runTool("tools/start.ts", { cwd, env, args });
  running.add(tool);
  return tool;
};

const hello = { "functions/hello.ts": constantFunction("hello", "hello") };

describe("npm start", () => {
  test("serves the app and prints where, the pages there are, and a table of what runs", async () => {
    const port = await findFreePort();
    const queuePort = await findFreePort();
    const root = await createApp({
      ...hello,
      "functions/health.ts": constantFunction("health", "fine"),
      "functions/jobs.ts": jobs,
    });
    const tool = start(root, { PORT: `${port}`, AzureWebJobsStorage: azuriteConnection(queuePort) });
    await tool.printed("mail");
    expect(await (await fetch(`http://127.0.0.1:${port}/hello`)).text()).toBe("hello");
    expect(tool.output.stdout).toBe(
      [
        `Serving on http://localhost:${port}`,
        `  http://localhost:${port}/health`,
        "",
        "  GET    /health      health",
        "  GET    /hello       hello",
        "  timer  0 0 * * * *  tick",
        "  queue  mail         mail",
        "",
      ].join("\n"),
    );
    expect(await answers(queuePort)).toBe(true);
    tool.kill("SIGTERM");
    expect(await tool.ended).toMatchObject({ code: 0, stderr: "" });
    expect(await answers(queuePort)).toBe(false);
  });

  test.each(["SIGINT", "SIGTERM"] as const)("sent %s answers the call in flight, then ends with 0", async (signal) => {
    const port = await findFreePort();
    const tool = start(await createApp({ "functions/slow.ts": slow }), { PORT: `${port}` });
    await tool.printed("Serving");
    const inFlight = fetch(`http://127.0.0.1:${port}/slow`);
    await sleep(100);
    await fetch(`http://127.0.0.1:${port}/end`);
    tool.kill(signal);
    // As npm does, which passes on what the terminal has delivered already.
    tool.kill(signal);
    expect(await (await inFlight).text()).toBe("slow");
    expect((await tool.ended).code).toBe(0);
  });

  test("sent a second SIGINT later ends at once", async () => {
    const port = await findFreePort();
    const tool = start(await createApp({ "functions/slow.ts": slow }), { PORT: `${port}` });
    await tool.printed("Serving");
    const inFlight = fetch(`http://127.0.0.1:${port}/slow`).catch(() => "cut off");
    await sleep(100);
    tool.kill("SIGINT");
    await sleep(700);
    tool.kill("SIGINT");
    expect((await tool.ended).code).toBe(130);
    expect(await inFlight).toBe("cut off");
  });

  test("makes local.settings.json of the example when it is missing, and says so", async () => {
    const port = await findFreePort();
    const root = await createApp({
      ...hello,
      "local.settings.example.json": `{ "Values": { "SECRET_KEY": "example" }, "Host": { "LocalHttpPort": ${port} } }`,
    });
    const tool = start(root);
    await tool.printed("Serving");
    expect(tool.output.stdout).toMatch(/^Created local\.settings\.json with a new SECRET_KEY\.\n/);
    expect((await fetch(`http://127.0.0.1:${port}/hello`)).status).toBe(200);
    expect(await readFile(path.join(root, "local.settings.json"), "utf8")).not.toContain('"example"');
  });

  test("passes on what functions log, a line each", async () => {
    const port = await findFreePort();
    const text =
      'import { app } from "@azure/functions";\napp.http("log", { handler: (_, context) => { context.log("logged"); return {}; } });\n';
    const tool = start(await createApp({ "functions/log.ts": text }), { PORT: `${port}` });
    await tool.printed("Serving");
    await fetch(`http://127.0.0.1:${port}/log`);
    await tool.printed("\nlogged\n");
  });

  test("a second time says that the port is taken and leaves the first alone", async () => {
    const port = await findFreePort();
    const root = await createApp(hello);
    const first = start(root, { PORT: `${port}` });
    await first.printed("Serving");
    const second = await start(root, { PORT: `${port}` }).ended;
    expect(second).toEqual({
      code: 1,
      stdout: "",
      stderr: `Port ${port} is taken: stop the program that uses it, or set PORT to another port.\n`,
    });
    expect(await (await fetch(`http://127.0.0.1:${port}/hello`)).text()).toBe("hello");
  });

  test("leaves a queue emulator that was there before running", async () => {
    const queuePort = await findFreePort();
    const other = createServer((_request, response) => response.end()).listen(queuePort, "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const tool = start(await createApp(hello), {
      PORT: `${await findFreePort()}`,
      AzureWebJobsStorage: azuriteConnection(queuePort),
    });
    await tool.printed("Serving");
    tool.kill("SIGTERM");
    expect((await tool.ended).code).toBe(0);
    expect(await answers(queuePort)).toBe(true);
  });

  test.each([
    ["a broken local.settings.json", { "local.settings.json": "{" }, /^local\.settings\.json is not valid JSON: .*\n$/],
    [
      "an unreadable local.settings.json",
      { "local.settings.json/x": "" },
      /^local\.settings\.json cannot be read: .*\n$/,
    ],
    ["a bad port", { "local.settings.json": '{"Values":{"PORT":"x"}}' }, /^PORT .*\n$/],
    ["a broken host.json", { "host.json": "[" }, /^host\.json is not valid JSON: .*\n$/],
    [
      "a source that does not build",
      { "functions/bad.ts": "export const x = ;" },
      /^The build failed: functions\/bad\.ts:1:17: .*\n$/,
    ],
    [
      "a function file that throws",
      { "functions/bad.ts": 'throw new Error("at\\nimport");' },
      /^The function file functions\/bad\.ts cannot be loaded: at import\n$/,
    ],
    ["no function file", { "functions/readme.md": "" }, /^No file matches "main" of package\.json.*\n$/],
    [
      "a tools/prepare.ts that fails",
      {
        ...hello,
        "tools/prepare.ts": 'export const prepare = () => Promise.reject(new Error("SECRET_KEY is\\nshort"));',
      },
      /^SECRET_KEY is short\n$/,
    ],
  ])("with %s prints one line and ends with 1", async (_, files, line) => {
    const port = await findFreePort();
    const env: Record<string, string> = "local.settings.json" in files ? {} : { PORT: `${port}` };
    const outcome = await start(await createApp(files), env).ended;
    expect(outcome).toMatchObject({ code: 1, stdout: "" });
    expect(outcome.stderr).toMatch(line);
    expect(outcome.stderr.trim()).not.toContain("\n");
  });

  test("whose app throws outside any call stops what it started and ends with 1", async () => {
    const queuePort = await findFreePort();
    const text =
      'import { app } from "@azure/functions";\napp.http("x", { handler: () => void setTimeout(() => { throw new Error("stray"); }) });\n';
    const port = await findFreePort();
    const env = { PORT: `${port}`, AzureWebJobsStorage: azuriteConnection(queuePort) };
    const tool = start(await createApp({ "functions/x.ts": text }), env);
    await tool.printed("Serving");
    expect((await fetch(`http://127.0.0.1:${port}/x`)).status).toBe(204);
    expect(await tool.ended).toMatchObject({ code: 1, stderr: expect.stringMatching(/^Error: stray\n/) });
    expect(await answers(queuePort)).toBe(false);
  });

  test("under npm, whose shell does not pass a signal on, ends when that shell is gone", async () => {
    const port = await findFreePort();
    const root = await createApp(hello);
    const script = `import { spawn } from "node:child_process";
spawn(process.execPath, [${JSON.stringify(path.resolve("tools/start.ts"))}], { stdio: "inherit" });
process.once("SIGTERM", () => process.exit());
`;
    await writeFiles(root, { "shell.ts": script });
    const tool = runTool(path.join(root, "shell.ts"), {
      cwd: root,
      env: { PORT: `${port}`, npm_lifecycle_event: "start" },
    });
    await tool.printed("Serving");
    tool.kill("SIGTERM");
    await tool.ended;
    expect(await answers(port)).toBe(false);
  });
});

const jobs = `import { app } from "@azure/functions";
app.timer("tick", { schedule: "0 0 * * * *", handler: () => undefined });
app.storageQueue("mail", { queueName: "mail", connection: "AzureWebJobsStorage", handler: (entry, context) => context.log("mailed " + entry) });
`;

/** A function that ends only when it is told to. */
const slow = `import { app } from "@azure/functions";
let end;
app.http("slow", { route: "slow", handler: () => new Promise((resolve) => (end = () => resolve({ body: "slow" }))) });
app.http("end", { route: "end", handler: () => { setTimeout(end, 300); return { body: "ending" }; } });
`;
