import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { loadConfig, sections } from "../../shared/config.ts";
import { catalogue } from "../../shared/http/catalogue.ts";
import { errorTable } from "../../shared/platform/errors/table.ts";
import { settingsOf } from "../../shared/platform/settings/read.ts";
import { endpointsPage } from "../../tools/docs/endpoints-page.ts";
import { exampleSettings } from "../../tools/docs/example-settings.ts";
import { settingsPage } from "../../tools/docs/settings-page.ts";
import { loadFunctions } from "../support/service.ts";

const read = (file: string) => readFileSync(file, "utf8");
const declared = settingsOf(sections);

beforeAll(loadFunctions);

test("the generated pages and the example file are what the declarations say (npm run docs)", () => {
  expect(read("docs/settings.md")).toBe(settingsPage(sections));
  expect(read("docs/endpoints.md")).toBe(endpointsPage(catalogue()));
  expect(read("local.settings.example.json")).toBe(exampleSettings());
});

describe("docs/endpoints.md", () => {
  test("has one row for each endpoint, with its method", () => {
    const rows = [...read("docs/endpoints.md").matchAll(/^\| ([A-Z]+) \| `(\S+)` \| \S/gm)];
    const expected = catalogue().map(({ method, route }) => `${method} /${route.replace(/^\//, "")}`);
    expect(rows.map(([, method, route]) => `${method} ${route}`).toSorted()).toEqual(expected.toSorted());
  });

  test("says of each who may call it", () => {
    const who = (method: string, route: string) =>
      new RegExp(`^\\| ${method} \\| \`${route.replaceAll(/[{}]/g, "\\$&")}\` \\| ([^|]+) \\|`, "m").exec(
        read("docs/endpoints.md"),
      )?.[1];
    expect(who("POST", "/auth/login")).toBe("anyone");
    expect(who("POST", "/auth/refresh")).toBe("anyone, by refresh token");
    expect(who("GET", "/auth/me")).toBe("a signed-in person");
    expect(who("DELETE", "/auth/me/identities/{provider}")).toMatch(
      /refresh token and .* `SENSITIVE_MAX_AGE_MINUTES`$/,
    );
    expect(who("POST", "/oauth/introspect")).toBe("an OAuth client");
    expect(who("GET", "/test-login")).toBe("anyone, in development only");
    expect(who("GET", "/docs")).toBe("anyone, in production only with `API_DOCS=on`");
  });
});

describe("every setting", () => {
  test("of a settings.ts is part of the configuration", async () => {
    const files = globSync("shared/**/settings.ts", { exclude: ["shared/http/**"] });
    expect(files.length).toBeGreaterThan(5);
    const known: readonly unknown[] = Object.values(sections);
    for (const file of files) {
      const exported: unknown[] = Object.values((await import(path.resolve(file))) as object);
      expect(
        exported.filter((one) => known.includes(one)),
        file,
      ).toHaveLength(1);
    }
    expect(files).toHaveLength(known.length);
  });

  test("has a name of its own, and a sentence for people", () => {
    expect(new Set(declared.map(({ name }) => name)).size).toBe(declared.length);
    for (const { name, about } of declared) expect(about, name).toMatch(/^[A-Z`].*\.$/);
  });

  test("has a default that its own rule takes", () => {
    for (const { name, type, default: fallback } of declared)
      expect(fallback === undefined || type.safeParse(fallback).success, name).toBe(true);
  });

  test("that is a secret by its name is declared as one", () => {
    const telling = declared.filter(({ name }) => /SECRET|PASSWORD$/.test(name));
    expect(telling.length).toBeGreaterThan(5);
    for (const { name, isSecret } of telling) expect(isSecret, name).toBe(true);
  });

  test("that production requires is missed there by name, and no other is", () => {
    const good = {
      ENVIRONMENT: "production",
      SECRET_KEY: "k9Qz7Yw2Xv5Ut8Sr1Po4Nm6Lj3Kh0Gf-",
      ISSUER: "https://auth.example.com",
      DB_SERVER: "sql.example.com",
      DB_DATABASE: "latchkey",
      MAIL_PROVIDER: "acs",
      ACS_ENDPOINT: "https://mail.communication.azure.com",
      MAIL_FROM: "noreply@example.com",
    };
    expect(loadConfig(good).warnings).toEqual([]);
    const needed = declared.filter(({ required }) => /^always$|^in production$|^with DB/.test(required?.when ?? ""));
    const names = ["DB_DATABASE", "DB_SERVER", "ISSUER", "MAIL_PROVIDER", "SECRET_KEY"];
    expect(needed.map(({ name }) => name).toSorted()).toEqual(names);
    for (const { name } of needed) expect(() => loadConfig({ ...good, [name]: "" })).toThrow(`${name} is required`);
    expect(() => loadConfig({ ...good, ENVIRONMENT: "", WEBSITE_INSTANCE_ID: "1" })).toThrow("ENVIRONMENT is required");
  });
});

test("README names only settings and error codes that exist", () => {
  const known = new Set([...declared.map(({ name }) => name), ...Object.keys(errorTable)]);
  const named = [...read("README.md").matchAll(/`([A-Z][A-Z\d]*(?:_[A-Z\d]+)+)`/g)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});
