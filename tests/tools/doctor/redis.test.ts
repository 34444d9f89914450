import { createServer } from "node:http";
import { expect, test } from "vitest";
import { checkHealth } from "../../../tools/doctor/service.ts";
import { listen } from "./stand-in.ts";

test.each([
  ["up", /^ok \| database up, queue up \| $/],
  ["not configured", /^ok \| database up, queue up \| $/],
  [
    "down",
    /^fault \| database up, queue up, Redis down: sign-ins are refused .* \| check REDIS_URL, the network, and .*/,
  ],
])("18.1 the doctor says of Redis that is %s what to do", async (status, told) => {
  const checks = { database: { status: "up" }, queue: { status: "up" }, redis: { status } };
  const server = createServer((_request, response) => {
    response.end(JSON.stringify({ data: { checks } }));
  });
  const api = `http://localhost:${await listen(server)}`;
  const findings = await checkHealth({ app: new URL("http://localhost:3000"), api, timeoutMs: 10_000 });
  expect(findings.map(({ state, text, change }) => [state, text, change ?? ""].join(" | "))).toEqual([
    expect.stringMatching(told),
  ]);
});
