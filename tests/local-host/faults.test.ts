import { app } from "@azure/functions";
import { expect, test } from "vitest";
import { startHost } from "./start-host.ts";

const answering = (body: string) => () => ({ body });
const text = async (url: string) => (await fetch(url)).text();

test.each(["admin", "Administration/x", "runtime/x", "/runtimes"])(
  "a function at the reserved route %j is in error, with one line, and the rest runs",
  async (route) => {
    const name = `reserved-${route.replaceAll("/", "-")}`;
    const host = await startHost(() => {
      app.http(name, { route, handler: answering("reserved") });
      app.http(`${name}-ok`, { route: "auth/admin/x", handler: answering("fine") });
    });
    expect(host.lines).toEqual([expect.stringContaining(`The function "${name}" is in error`)]);
    expect((await fetch(new URL(route, host.url))).status).toBe(404);
    expect(await text(`${host.url}/auth/admin/x`)).toBe("fine");
    expect(host.functions.map((called) => called.name)).toEqual([`${name}-ok`]);
  },
);

test("of two functions with the same route and a method in common the second by name is in error", async () => {
  const host = await startHost(() => {
    app.http("twice-b", { methods: ["GET", "PUT"], route: "/Twice/", handler: answering("b") });
    app.http("twice-a", { methods: ["GET", "POST"], route: "twice", handler: answering("a") });
    app.http("twice-c", { methods: ["DELETE"], route: "twice", handler: answering("c") });
  });
  expect(host.lines).toEqual([expect.stringMatching(/"twice-b" is in error.*"twice-a"/)]);
  expect(await text(`${host.url}/twice`)).toBe("a");
  expect((await fetch(`${host.url}/twice`, { method: "PUT" })).status).toBe(404);
  expect(await (await fetch(`${host.url}/twice`, { method: "DELETE" })).text()).toBe("c");
});

test("functions are matched in the order of their names, whatever that of registration", async () => {
  const host = await startHost(() => {
    app.http("order-2", { route: "{id}", handler: answering("general") });
    app.http("order-1", { route: "me", handler: answering("special") });
  });
  expect(await text(`${host.url}/me`)).toBe("special");
  expect(await text(`${host.url}/you`)).toBe("general");
});

test("a function whose route, schedule, queue or binding is wrong is in error, and the rest runs", async () => {
  const host = await startHost(() => {
    app.http("wrong-route", { route: "{a", handler: answering("") });
    app.timer("wrong-schedule", { schedule: "every minute", handler: () => undefined });
    app.storageQueue("wrong-queue", { queueName: "%NO_SUCH_SETTING%", connection: "PATH", handler: () => undefined });
    app.storageQueue("wrong-connection", { queueName: "q", connection: "NO_SUCH_SETTING", handler: () => undefined });
    app.storageQueue("wrong-string", { queueName: "q", connection: "PATH", handler: () => undefined });
    app.warmup("wrong-trigger", { handler: () => undefined });
    app.http("wrong-binding", {
      route: "x",
      extraOutputs: [{ type: "queue", name: "out", queueName: "q" }],
      handler: answering(""),
    });
    app.http("wrong name", { route: "y", handler: answering("") });
    app.http("right", { route: "right", handler: answering("right") });
  });
  expect(host.lines).toHaveLength(8);
  for (const line of host.lines) expect(line).toMatch(/^The function "wrong[ \w-]+" is in error: \S.*$/);
  expect(await text(`${host.url}/right`)).toBe("right");
});

test("a second function of the same name is refused when it registers", () => {
  app.http("unique", { handler: answering("") });
  expect(() => app.http("unique", { handler: answering("") })).toThrow('"unique" has already been registered');
});
