import { createServer } from "node:http";
import { expect, test } from "vitest";
import { checkHealth } from "../../../tools/doctor/service.ts";
import { listen } from "./stand-in.ts";

const at = "2026-11-30T12:00:00.000Z";
test.each([
  [{ status: "up", last_at: at }, `ok | database up, queue up, audit log anchored at ${at}, and kept outside`],
  [
    { status: "not configured", last_at: at },
    `ok | database up, queue up, audit log anchored at ${at}, in the database alone`,
  ],
  [{ status: "up", last_at: null }, "ok | database up, queue up, audit log not anchored yet"],
  [{ status: "unknown", last_at: null }, "ok | database up, queue up"],
  [undefined, "ok | database up, queue up"],
  [
    { status: "behind", last_at: at },
    "warning | database up, queue up, but anchors of the audit log do not reach their container",
  ],
  [
    { status: "differs", last_at: at },
    "warning | database up, queue up, but the container of anchors has others than the database",
  ],
])("19.3 the doctor says of anchors that stand as %j: %s", async (anchors, told) => {
  const up = { status: "up" };
  const checks = { database: up, queue: up, redis: { status: "not configured" }, audit_anchors: anchors };
  const server = createServer((_request, response) => response.end(JSON.stringify({ data: { checks } })));
  const api = `http://localhost:${await listen(server)}`;
  const findings = await checkHealth({ app: new URL("http://localhost:3000"), api, timeoutMs: 10_000 });
  expect(findings.map(({ state, text }) => `${state} | ${text}`)).toEqual([told]);
});
