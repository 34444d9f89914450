import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { catalogue } from "../../shared/http/catalogue.ts";
import { oauth } from "../../shared/http/formats/oauth.ts";
import { openApiText } from "../../tools/docs.ts";
import { expectDocumented } from "../support/openapi.ts";
import { loadFunctions } from "../support/service.ts";

beforeAll(loadFunctions);

const text = readFileSync("docs/openapi.json", "utf8");
const document = JSON.parse(text);

describe("docs/openapi.json", () => {
  test("is what the endpoints say (npm run docs)", () => {
    expect(text).toBe(openApiText());
  });

  test("is valid OpenAPI 3.1", () => {
    const { stdout, stderr, status } = spawnSync("redocly", ["lint", "docs/openapi.json"], { encoding: "utf8" });
    expect(status, stdout + stderr).toBe(0);
    expect(stderr).toContain("Your API description is valid");
  });

  test("describes every endpoint, once", () => {
    const operations = Object.values<Record<string, { operationId: string }>>(document.paths).flatMap(Object.values);
    const names = operations.map(({ operationId }) => operationId as string);
    expect(names.toSorted()).toEqual(
      catalogue()
        .map(({ name }) => name)
        .toSorted(),
    );
  });

  test("every error of the API has both media types, and an example of each code in both", () => {
    for (const { method, route, errors, format } of catalogue()) {
      if (format === oauth) continue;
      const { responses } = document.paths[`/${route.replace(/^\//, "")}`][method.toLowerCase()];
      const refusals = Object.entries<{ content: Record<string, { examples: object }> }>(responses).filter(
        ([status]) => Number(status) >= 400,
      );
      for (const [type, suffix] of [
        ["application/json", ""],
        ["application/problem+json", "_problem"],
      ] as const) {
        const examples = refusals.flatMap(
          ([, { content }]) => Object.values(content[type]?.examples ?? {}) as { $ref: string }[],
        );
        expect(examples.map(({ $ref }) => $ref).toSorted()).toEqual(
          errors.map((code) => `#/components/examples/${code}${suffix}`).toSorted(),
        );
      }
    }
  });

  test("the examples of errors are as their schemas say, and what looks like a token says that it is an example", () => {
    for (const [name, { value }] of Object.entries<{ value: { status_code?: number } }>(document.components.examples)) {
      const isProblem = name.endsWith("_problem");
      const code = name.replace("_problem", "");
      const entry = catalogue().find(({ errors, format }) => format !== oauth && errors.some((one) => one === code));
      const status = document.components.examples[code].value.status_code;
      const contentType = isProblem ? "application/problem+json" : "application/json";
      expectDocumented({ method: entry?.method ?? "", route: entry?.route ?? "", status, contentType, json: value });
    }
    const samples = [...text.matchAll(/"examples": \[\s*"([^"]+)"/g)].map(([, sample = ""]) => sample);
    expect(samples.length).toBeGreaterThan(3);
    for (const sample of samples.filter((one) => /token|eyJ/.test(one))) expect(sample).toContain("example");
    expect(text).not.toMatch(/eyJ[\w-]+\./);
  });

  test("ASVS 6.2.5: says nothing of what a password must be composed of", () => {
    const { password } =
      document.paths["/auth/register"].post.requestBody.content["application/json"].schema.properties;
    expect(Object.keys(password).toSorted()).toEqual(["examples", "type"]);
  });
});

describe("holding an answer against the document", () => {
  const health = { method: "GET", route: "health/live", status: 200, contentType: "application/json" };
  const body = {
    success: true,
    status_code: 200,
    message: "m",
    data: { status: "alive" },
    timestamp: "2026-01-15T12:00:00.000Z",
  };

  test("passes what is as documented", () => {
    expectDocumented({ ...health, json: body });
  });

  test.each([
    ["a status that is not documented", { ...health, status: 418, json: body }],
    ["a media type that is not documented", { ...health, contentType: "text/html", json: body }],
    ["a member too many", { ...health, json: { ...body, extra: 1 } }],
    ["a member too few", { ...health, json: { ...body, data: {} } }],
    ["a member of another type", { ...health, json: { ...body, timestamp: "now" } }],
    [
      "an error with a code of another endpoint",
      {
        ...health,
        status: 500,
        json: { ...document.components.examples.INVALID_GRANT?.value, error_code: "RATHER_NOT" },
      },
    ],
  ])("fails %s", (_what, answer) => {
    expect(() => expectDocumented(answer)).toThrow();
  });
});
