import { expect, test } from "vitest";
import { describeHost } from "../../tools/local-host/banner.ts";

const mailbox = {
  name: "dev-mailbox",
  metadata: { name: "dev-mailbox", bindings: {} },
  handler: () => undefined,
  triggerName: "request",
  trigger: { type: "httpTrigger", name: "request", methods: ["GET"], route: "dev/mailbox" },
};
const hostJson = { extensions: { http: { routePrefix: "" } } };

test.each([
  [undefined, true],
  ["", true],
  ["mailbox", true],
  ["smtp", false],
  ["acs", false],
])("with MAIL_PROVIDER %j, a link to the mailbox is printed: %j", (provider, isPrinted) => {
  const host = { port: 7071, functions: [mailbox] };
  const lines = describeHost(host, hostJson, { MAIL_PROVIDER: provider });
  expect(lines.includes("  http://localhost:7071/dev/mailbox")).toBe(isPrinted);
});
