import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "../../shared/http/catalogue.ts";
import { errorTable } from "../../shared/platform/errors/table.ts";
import { errorsDocument } from "../../tools/docs.ts";
import { provideFunctionsCore } from "../../tools/local-host/functions-core.ts";
import { loadFunctions } from "../support/service.ts";

const read = (file: string) => readFileSync(file, "utf8");
const sources = globSync(["shared/**/*.ts", "functions/**/*.ts"]).toSorted();

beforeAll(loadFunctions);

describe("importing the function files", () => {
  test("reads no environment, opens no socket and throws nothing", () => {
    const script = `
      import { provideFunctionsCore } from "./tools/local-host/functions-core.ts";
      import { globSync } from "node:fs";
      import net from "node:net";
      provideFunctionsCore();
      await import("@azure/functions");
      net.Socket.prototype.connect = () => { throw new Error("a socket was opened"); };
      const ours = /^(SECRET_KEY|ISSUER|DB_|EMBEDDED_|PORT$|ENVIRONMENT)/;
      process.env = new Proxy({}, { get: (target, name) => { if (ours.test(String(name))) throw new Error("read " + String(name)); return undefined; } });
      for (const file of globSync("functions/**/*.ts")) await import("./" + file);`;
    expect(() =>
      execFileSync(process.execPath, ["--input-type=module-typescript", "-e", script], { stdio: "pipe" }),
    ).not.toThrow();
  });

  test.each(["health", "health-live", "jwks", "root"])(
    "%s imports neither a password engine nor a database driver",
    (name) => {
      const script = `
      import { registerHooks } from "node:module";
      import { provideFunctionsCore } from "./tools/local-host/functions-core.ts";
      provideFunctionsCore();
      registerHooks({ resolve(specifier, context, next) { if (/argon2|tedious|node:sqlite/.test(specifier)) throw new Error("imports " + specifier); return next(specifier, context); } });
      await import("./functions/system/${name}.ts");`;
      expect(() =>
        execFileSync(process.execPath, ["--input-type=module-typescript", "-e", script], { stdio: "pipe" }),
      ).not.toThrow();
    },
  );
});

describe("the catalogue", () => {
  const httpFunctions = () => provideFunctionsCore().functions.filter(({ trigger }) => trigger.type === "httpTrigger");

  test("every file of functions/jobs registers a function of its name", () => {
    const files = globSync("functions/jobs/*.ts").map((file) => path.basename(file, ".ts"));
    const names = new Set(provideFunctionsCore().functions.map(({ name }) => name));
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((name) => !names.has(name))).toEqual([]);
  });

  test("has an endpoint for every function file but the fallback, and the fallback sorts last", () => {
    const names = httpFunctions().map(({ name }) => name);
    expect(names.length).toBe(globSync("functions/**/*.ts", { exclude: ["functions/jobs/**"] }).length);
    expect(names.filter((name) => !catalogue().some((entry) => entry.name === name))).toEqual(["zz-fallback"]);
    expect(names.toSorted().at(-1)).toBe("zz-fallback");
  });

  test("every function answers anonymous calls as far as the host is concerned: host keys are not our authentication", () => {
    for (const { trigger } of httpFunctions())
      expect(trigger).toMatchObject({ type: "httpTrigger", authLevel: "anonymous" });
  });

  test("no route begins with a word that Azure keeps for itself", () => {
    for (const { route } of catalogue()) expect(route).not.toMatch(/^(admin|runtime)/i);
  });

  test("no route shadows another: where two templates fit one path, the more specific has the earlier name", () => {
    const fits = (template: string[], other: string[]) =>
      template.length === other.length &&
      template.every((part, index) => part.startsWith("{") || part === other[index]);
    for (const one of catalogue()) {
      for (const other of catalogue()) {
        const isShadowed =
          one !== other && one.method === other.method && fits(one.route.split("/"), other.route.split("/"));
        if (isShadowed) expect(other.name < one.name, `${one.name} would answer for ${other.name}`).toBe(true);
      }
    }
  });

  test("every endpoint is called by a test", () => {
    const tests = globSync("tests/functions/**/*.test.ts").map(read).join("\n");
    for (const { route } of catalogue()) {
      const called = route
        .replace(/^\//, "")
        .replaceAll(".", "\\.")
        .replaceAll(/\{\w+\}/g, String.raw`(?:\w+|\$\{\w+\})`);
      expect(tests, route).toMatch(new RegExp(`["\`}]/${called}(?:["\`?]|$)`));
    }
  });

  test("every code of the error table is declared by some endpoint, or answered by the fallback", () => {
    const declared = new Set([...catalogue().flatMap(({ errors }) => errors), "NOT_FOUND", "METHOD_NOT_ALLOWED"]);
    expect(Object.keys(errorTable).filter((code) => !declared.has(code as "NOT_FOUND"))).toEqual([]);
  });
});

test("docs/errors.md is what the error table says (npm run docs)", () => {
  expect(read("docs/errors.md")).toBe(errorsDocument());
});

describe("tables", () => {
  const owners = [...read("sql/README.md").matchAll(/^\| `(\w+)` \| `([\w/-]+)`/gm)].map(
    ([, table = "", owner = ""]) => [table, owner] as const,
  );

  test("every table of the migrations has an owner", () => {
    // A companion that runs instead of its file makes the same.
    const files = globSync("sql/*.sql").filter((file) => !file.endsWith(".instead.mssql.sql"));
    const tables = files.flatMap((file) => [...read(file).matchAll(/^create table (\w+)/gm)].map(([, table]) => table));
    expect(
      owners
        .map(([table]) => table)
        .filter((table) => table !== "schema_migrations")
        .toSorted(),
    ).toEqual(tables.toSorted());
  });

  test.each(owners)("%s is queried from %s alone", (table, owner) => {
    const query = new RegExp(
      `(?:selectFrom|insertInto|updateTable|deleteFrom|innerJoin|leftJoin)\\("${table}"|(?:from|into|update|join) ${table}\\b`,
    );
    const elsewhere = sources.filter((file) => !file.startsWith(`${owner}/`) && query.test(read(file)));
    const reads =
      table === "users"
        ? elsewhere.filter(
            (file) =>
              !(
                file.startsWith("shared/sessions/") &&
                !/(?:insertInto|updateTable|deleteFrom)\("users"/.test(read(file))
              ),
          )
        : elsewhere;
    expect(reads).toEqual([]);
  });
});

test("every folder of the house is explained where a newcomer looks", () => {
  const guide = read("CONTRIBUTING.md");
  for (const folder of [
    "functions/",
    "shared/",
    "client/",
    "pages/",
    "examples/",
    "sql/",
    "infra/",
    "tools/",
    "tests/",
    "docs/",
  ]) {
    expect(existsSync(folder) && guide.includes(`\`${folder}\``), folder).toBe(true);
  }
});
