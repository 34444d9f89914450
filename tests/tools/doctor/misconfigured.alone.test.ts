// What the doctor says of a host that stays up with wrong settings, as Azure's does.
import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { provideFunctionsCore } from "../../../tools/local-host/functions-core.ts";
import { startLocalHost } from "../../../tools/local-host/host.ts";
import { loadFunctions } from "../../support/service.ts";
import { whenDone } from "../../support/when-done.ts";
import { examine } from "./examine.ts";

vi.stubEnv("SECRET_KEY", "too-short");

// No services are given to it: they are to come from the settings of the process.
await loadFunctions();
const lines: string[] = [];
const host = await startLocalHost({
  registry: provideFunctionsCore(),
  hostJson: JSON.parse(readFileSync("host.json", "utf8")),
  port: 0,
  appendPeer: true,
  timers: false,
  log: (line) => lines.push(line),
});
whenDone(() => host.close());

test("15.22 npm run doctor, on a service with wrong settings, names that alone, and where they are named", async () => {
  const { isGood, text, states } = await examine(host.url);
  expect(isGood).toBe(false);
  expect(states.slice(1)).toEqual(["fault"]);
  expect(text).toMatch(
    /^fault +health +SERVICE_MISCONFIGURED: settings are wrong.*\n +its log names.*service\.misconfigured/m,
  );
  expect(text).not.toContain("not as Latchkey does");
  expect(lines.join("")).toMatch(/"service\.misconfigured".*SECRET_KEY/);
});
