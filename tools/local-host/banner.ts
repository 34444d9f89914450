import type { RegisteredFunction } from "./functions-core.ts";
import { routePrefix, type HostJson } from "./host-json.ts";
import type { LocalHost } from "./host.ts";
import { isTrigger } from "./plan.ts";
import { readMethods, readRoute } from "./router.ts";
import type { Environment } from "./settings.ts";

const MAILBOX = "dev/mailbox";

/** Pages to link to, if the app has them. */
const LINKS = [
  "",
  "health",
  "docs",
  "redoc",
  "openapi.json",
  "test-login",
  "account",
  MAILBOX,
  ".well-known/openid-configuration",
  ".well-known/jwks.json",
];

/**
 * The lines to print when the host is up: its address, what to open first, and a table of functions.
 * @param environment the app's settings: where mail is sent, its mailbox shows nothing
 */
export function describeHost(
  { port, functions }: Pick<LocalHost, "port" | "functions">,
  hostJson: HostJson,
  environment: Environment,
): string[] {
  // By name, like the default ISSUER: to browsers, localhost and 127.0.0.1 are two sites.
  const url = `http://localhost:${port}`;
  const prefix = routePrefix(hostJson);
  const endpoints = functions
    .filter((called) => isTrigger(called, "httpTrigger"))
    .map((called) => ({
      methods: readMethods(called),
      route: readRoute(called, prefix),
      name: called.name,
    }));
  const pages = new Set(endpoints.filter(({ methods }) => methods.includes("GET")).map(({ route }) => route));
  const isShown = (link: string) => pages.has(link) && (link !== MAILBOX || hasMailbox(environment));
  const links = LINKS.filter(isShown).map((link) => `  ${url}/${link}`);
  const rows = endpoints
    .toSorted((one, other) => (one.route < other.route ? -1 : 1))
    .map(({ methods, route, name }) => [methods.join(", ") || "any", `/${route}`, name]);
  const timers = functions.filter((called) => isTrigger(called, "timerTrigger")).map(describeJob("timer", "schedule"));
  const queues = functions.filter((called) => isTrigger(called, "queueTrigger")).map(describeJob("queue", "queueName"));
  return [`Serving on ${url}`, ...links, "", ...formatTable([...rows, ...timers, ...queues])];
}

/** Whether mail stays in the mailbox, as it does unless a provider is chosen. */
function hasMailbox({ MAIL_PROVIDER: provider }: Environment): boolean {
  return !provider || provider === "mailbox";
}

function describeJob(kind: string, option: string): (called: RegisteredFunction) => string[] {
  return ({ trigger, name }) => [kind, String(trigger[option]), name];
}

function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd());
}
